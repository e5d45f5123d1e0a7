#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tracking/instance.h"

namespace heapscope::tracking {

using Slot = uint32_t;

// Instances by slot, in chunks that never move, at most `capacity` of them.
class Slab {
 public:
  static constexpr Slot kNone = UINT32_MAX;

  explicit Slab(Slot capacity) : capacity_(capacity) {}

  Slot capacity() const { return capacity_; }
  void set_capacity(Slot capacity) { capacity_ = capacity; }
  // Slots that have memory, used or free.
  Slot size() const { return static_cast<Slot>(chunks_.size()) << kChunkBits; }
  Slot used() const { return used_; }

  Instance& operator[](Slot slot) { return chunks_[slot >> kChunkBits][slot & kChunkMask]; }

  // Asks for a slot's memory before it is needed. Of hundreds of thousands of slots between two
  // collections none is in the cache any more when its turn comes.
  void Prefetch([[maybe_unused]] Slot slot) {
#if defined(__GNUC__)
    if (slot < size()) __builtin_prefetch(&(*this)[slot], 1);
#endif
  }
  void PrefetchFree() { Prefetch(free_); }

  // A free slot, or kNone where all are used. May allocate: not inside a collection.
  Slot Take() {
    if (used_ >= capacity_) return kNone;
    if (free_ == kNone) Grow();
    const Slot slot = free_;
    Instance& instance = (*this)[slot];
    free_ = static_cast<Slot>(instance.next_free);
    instance.used = 1;
    ++used_;
    return slot;
  }

  // Allocates nothing: safe inside a collection.
  void Free(Slot slot) {
    Instance& instance = (*this)[slot];
    instance.used = 0;
    instance.next_free = free_;
    free_ = slot;
    --used_;
  }

  // Frees the memory. Every slot must be free.
  void Clear() {
    std::vector<std::unique_ptr<Instance[]>>().swap(chunks_);
    free_ = kNone;
  }

  template <typename F>
  void ForEachUsed(F&& visit) {
    for (Slot slot = 0; slot < size(); ++slot) {
      if (Instance& instance = (*this)[slot]; instance.used) visit(slot, instance);
    }
  }

 private:
  static constexpr Slot kChunkBits = 8;
  static constexpr Slot kChunkMask = (Slot{1} << kChunkBits) - 1;

  void Grow() {
    const Slot first = size();
    chunks_.push_back(std::make_unique<Instance[]>(kChunkMask + 1));
    for (Slot i = kChunkMask + 1; i-- > 0;) {
      (*this)[first + i].next_free = free_;
      free_ = first + i;
    }
  }

  Slot capacity_;
  Slot used_ = 0;
  Slot free_ = kNone;
  std::vector<std::unique_ptr<Instance[]>> chunks_;
};

}  // namespace heapscope::tracking
