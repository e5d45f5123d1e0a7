#pragma once

#include <vector>

#include "twin/memory_map.h"

namespace heapscope::twin {

// While it lives, a fork copies all of `mapped`, also what V8 has advised the kernel to leave out
// of one. `left_out` is what it was when that was asked last; both ascend.
class WholeFork {
 public:
  WholeFork(const std::vector<Mapping>& mapped, const std::vector<Mapping>& left_out);
  // Gives the old advice again.
  ~WholeFork();
  WholeFork(const WholeFork&) = delete;

 private:
  std::vector<Range> again_;
};

}  // namespace heapscope::twin
