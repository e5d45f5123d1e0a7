#pragma once

#include <v8.h>

#include <cstdint>
#include <vector>

#include "phantom/slab.h"

namespace heapscope::weakref {

using phantom::Slot;

// Finds the slots of an object by V8's identity hash. Chained through the entries themselves
// (`hash`, `next_same`), so that removing one allocates nothing.
template <typename Slab>
class TargetIndex {
 public:
  explicit TargetIndex(Slab& slab) : slab_(slab) {}

  static uint32_t HashOf(v8::Local<v8::Value> target) {
    return static_cast<uint32_t>(target->IsSymbol() ? target.As<v8::Name>()->GetIdentityHash()
                                                    : target.As<v8::Object>()->GetIdentityHash());
  }

  // Not inside a collection.
  void Insert(Slot slot, uint32_t hash) {
    if (size_ >= buckets_.size()) Grow();
    slab_[slot].hash = hash;
    Chain(slot);
    ++size_;
  }

  void Remove(Slot slot) {
    Slot* link = &Bucket(slab_[slot].hash);
    while (*link != slot) link = &slab_[*link].next_same;
    *link = slab_[slot].next_same;
    --size_;
  }

  // The first for which `is_it(slot)`, or Slab::kNone.
  template <typename F>
  Slot Find(uint32_t hash, F&& is_it) {
    if (buckets_.empty()) return Slab::kNone;
    for (Slot slot = Bucket(hash); slot != Slab::kNone; slot = slab_[slot].next_same) {
      if (slab_[slot].hash == hash && is_it(slot)) return slot;
    }
    return Slab::kNone;
  }

  void Clear() {
    std::vector<Slot>().swap(buckets_);
    size_ = 0;
  }

 private:
  Slot& Bucket(uint32_t hash) { return buckets_[hash & (buckets_.size() - 1)]; }

  void Chain(Slot slot) {
    Slot& bucket = Bucket(slab_[slot].hash);
    slab_[slot].next_same = bucket;
    bucket = slot;
  }

  void Grow() {
    std::vector<Slot> chained;
    chained.reserve(size_);
    for (Slot slot : buckets_) {
      for (; slot != Slab::kNone; slot = slab_[slot].next_same) chained.push_back(slot);
    }
    buckets_.assign(buckets_.empty() ? 64 : 2 * buckets_.size(), Slab::kNone);
    for (const Slot slot : chained) Chain(slot);
  }

  Slab& slab_;
  std::vector<Slot> buckets_;  // a power of two of them
  size_t size_ = 0;
};

}  // namespace heapscope::weakref
