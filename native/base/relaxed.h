#pragma once

#include <atomic>

namespace heapscope {

// A figure that one thread writes and any thread reads. The writer is alone, so a read-modify-write
// needs no locked instruction: two relaxed accesses do.
template <typename T>
class Relaxed {
 public:
  T Get() const { return value_.load(std::memory_order_relaxed); }
  void Set(T value) { value_.store(value, std::memory_order_relaxed); }
  void Add(T delta) { Set(Get() + delta); }

 private:
  static_assert(std::atomic<T>::is_always_lock_free);
  std::atomic<T> value_{};
};

}  // namespace heapscope
