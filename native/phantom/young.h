#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "phantom/slab.h"

namespace heapscope::phantom {

// Which objects a collection can have found dead.
enum class Generation { kYoung, kAll };

// Slots whose object a scavenge can collect: made since the last one, or survivors of just one.
// What has survived two is old, and only a full collection finds it dead.
class Young {
 public:
  // Before Add: room for so many slots, because a sweep may not allocate.
  void Reserve(size_t slots) {
    if (newborn_.capacity() >= slots) return;
    const size_t room =
        std::max(slots, 2 * newborn_.capacity());  // or many slots cost their square
    newborn_.reserve(room);
    survivors_.reserve(room);
  }

  void Add(Slot slot) { newborn_.push_back(slot); }

  // After a scavenge, inside it. `is_dead(slot)` does with the slot what is to be done.
  template <typename Slab, typename F>
  void Sweep(Slab& slab, F&& is_dead) {
    for (const Slot slot : survivors_) is_dead(slot);
    survivors_.clear();
    constexpr size_t kAhead = 16;
    for (size_t i = 0; i < newborn_.size(); ++i) {
      if (i + kAhead < newborn_.size()) slab.Prefetch(newborn_[i + kAhead]);
      if (!is_dead(newborn_[i])) survivors_.push_back(newborn_[i]);
    }
    newborn_.clear();
  }

  template <typename F>
  void Drop(F&& is_free) {
    std::erase_if(survivors_, is_free);
    std::erase_if(newborn_, is_free);
  }

  void Clear() {
    std::vector<Slot>().swap(newborn_);
    std::vector<Slot>().swap(survivors_);
  }

 private:
  std::vector<Slot> newborn_, survivors_;
};

// After a collection, inside it: looks at the slots whose object it can have found dead. Entries
// have a bit `young`, set while they are among the young. `is_done(slot)`: whether a scavenge need
// not look at the slot again.
template <typename Slab, typename F>
void SweepSlots(Slab& slab, Young& young, Generation generation, F&& is_done) {
  if (slab.used() == 0) return;
  if (generation == Generation::kYoung) {
    young.Sweep(slab, [&](Slot slot) {
      slab[slot].young = 0;
      return is_done(slot);
    });
  } else {
    slab.ForEachUsed([&](Slot slot, auto&) { is_done(slot); });
    young.Drop([&](Slot slot) {
      if (slab[slot].used) return false;
      slab[slot].young = 0;
      return true;
    });
  }
}

}  // namespace heapscope::phantom
