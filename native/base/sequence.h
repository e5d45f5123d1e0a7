#pragma once

#include <atomic>
#include <cstdint>

namespace heapscope {

// A sequence lock for one writer: readers never hold the writer up, they look again when it wrote
// meanwhile. (Boehm, "Can seqlocks get along with programming language memory models?", 2012.)
class Sequence {
 public:
  template <typename F>
  void Write(F&& write) {
    const uint64_t before = value_.load(std::memory_order_relaxed);
    value_.store(before + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    write();
    value_.store(before + 2, std::memory_order_release);
  }

  // Runs `read` until it saw one state. A writer that was stopped in the middle for good (its
  // process died) would keep a reader waiting, so the number of attempts is bounded; false then.
  template <typename F>
  bool Read(F&& read) const {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      const uint64_t before = value_.load(std::memory_order_acquire);
      read();
      std::atomic_thread_fence(std::memory_order_acquire);
      if (before % 2 == 0 && value_.load(std::memory_order_relaxed) == before) return true;
    }
    return false;
  }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace heapscope
