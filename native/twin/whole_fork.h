#pragma once

#include "base/file_descriptor.h"
#include "twin/memory_map.h"

namespace heapscope::twin {

// While it lives, a fork copies what V8 has advised the kernel to leave out of one.
class WholeFork {
 public:
  explicit WholeFork(CopyPlan plan);
  // Gives the old advice again.
  ~WholeFork();
  WholeFork(const WholeFork&) = delete;

  // In the child: puts in what no advice could be given for.
  void Complete() const;
  int late() const { return late_.get(); }  // which the child needs for that

 private:
  void Advise(int advice) const;

  const CopyPlan plan_;
  FileDescriptor late_;  // the contents of plan_.late, one after the other
  std::vector<bool> carried_;
};

}  // namespace heapscope::twin
