#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace heapscope::tracking {

struct Unclosed {
  uint32_t class_index;
  uint32_t site;
  uint64_t id, born_ms, died_ms;
};

// Instances that were collected though never closed, between the collection that found them and
// script. Fixed memory, because it is filled inside collections; what does not fit is counted.
class UnclosedQueue {
 public:
  static constexpr size_t kCapacity = 4096;

  // Whether anybody wants to know. What died before is nobody's.
  void Watch(bool on) {
    watched_ = on;
    Clear();
  }

  void Push(const Unclosed& unclosed) {
    if (!watched_) return;
    if (size_ == kCapacity) {
      ++dropped_;
    } else {
      entries_[size_++] = unclosed;
    }
  }

  const Unclosed* begin() const { return entries_.data(); }
  const Unclosed* end() const { return entries_.data() + size_; }
  size_t size() const { return size_; }
  uint64_t dropped() const { return dropped_; }
  void Clear() { size_ = 0, dropped_ = 0; }

 private:
  std::array<Unclosed, kCapacity> entries_;
  size_t size_ = 0;
  uint64_t dropped_ = 0;
  bool watched_ = false;
};

}  // namespace heapscope::tracking
