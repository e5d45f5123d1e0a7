#pragma once

#include <cstdint>
#include <vector>

#include "twin/memory_map.h"

namespace heapscope::twin {

// What has to be done so that a fork copies all that is mapped.
class ForkPlan {
 public:
  // Of a map that was read just now, and surveyed some time ago.
  explicit ForkPlan(const MemoryMap& memory);

  // Readable memory of which the survey did not know. V8's among it loses its advice.
  uint64_t unknown_bytes() const { return unknown_bytes_; }
  uint64_t left_out_bytes() const { return left_out_bytes_; }

 private:
  friend class WholeFork;

  std::vector<Mapping> copied_;    // what can be read, whatever its advice was
  std::vector<Mapping> left_out_;  // of it, what still lies as it was surveyed
  std::vector<Range> kept_free_;   // what cannot: V8 has much more room for code than code
  uint64_t unknown_bytes_ = 0;
  uint64_t left_out_bytes_ = 0;
};

// While it lives, a fork copies what V8 has advised the kernel to leave out of one.
class WholeFork {
 public:
  WholeFork(const ForkPlan& plan, MemoryMap& memory);
  // Gives the old advice again where V8's memory still lies: reads the map once more.
  ~WholeFork();
  WholeFork(const WholeFork&) = delete;

  // In the child: keeps free again what was, so that V8 finds its room where it was.
  void KeepFree() const;

 private:
  const ForkPlan& plan_;
  MemoryMap& memory_;
};

}  // namespace heapscope::twin
