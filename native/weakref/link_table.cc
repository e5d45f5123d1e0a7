#include "weakref/link_table.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "phantom/aim.h"

namespace heapscope::weakref {

Slot LinkTable::Add(v8::Local<v8::Value> target, v8::Local<v8::Object> holder, bool notifies) {
  const Slot slot = slab_.Take();
  if (slot == Slab::kNone) return slot;
  young_.Reserve(slab_.size());
  if (waiting_.capacity() < slab_.size()) waiting_.reserve(2 * size_t{slab_.size()});
  Link& link = slab_[slot];
  phantom::Aim(link.target, isolate_, target);
  phantom::Aim(link.holder, isolate_, holder);
  link.ordinal = ++created_;
  link.notifies = notifies;
  link.shared = 0;
  link.dead = 0;
  if (!link.young) young_.Add(slot);
  link.young = 1;
  slab_.PrefetchFree();
  return slot;
}

void LinkTable::Share(Slot slot, uint32_t kind) {
  Link& link = slab_[slot];
  if (link.target.IsEmpty()) return;
  link.shared = kind & 3;
  index_.Insert(slot, TargetIndex<Slab>::HashOf(link.target.Get(isolate_)));
}

v8::Local<v8::Object> LinkTable::FindShared(v8::Local<v8::Value> target, uint32_t kind) {
  const Slot slot = index_.Find(TargetIndex<Slab>::HashOf(target), [&](Slot candidate) {
    const Link& link = slab_[candidate];
    return link.shared == kind && !link.holder.IsEmpty() && link.target == target;
  });
  return slot == Slab::kNone ? v8::Local<v8::Object>() : slab_[slot].holder.Get(isolate_);
}

void LinkTable::Cancel(Slot slot) {
  Link* link = At(slot);
  if (!link) return;
  link->holder.Reset();
  link->target.Reset();
  if (!link->waiting) Free(slot);  // else when its turn comes
}

void LinkTable::Sweep(Generation generation) {
  phantom::SweepSlots(slab_, young_, generation, [&](Slot slot) { return SweepSlot(slot); });
}

bool LinkTable::SweepSlot(Slot slot) {
  Link& link = slab_[slot];
  if (!link.used) return true;
  if (link.waiting) return false;
  if (link.holder.IsEmpty()) {
    Free(slot);
    return true;
  }
  if (link.target.IsEmpty() && !link.dead) {
    link.dead = 1;
    if (link.shared) index_.Remove(slot);
    link.shared = 0;
    if (link.notifies) {
      link.waiting = 1;
      waiting_.emplace_back(link.ordinal, slot);
    }
  }
  return false;
}

void LinkTable::Free(Slot slot) {
  Link& link = slab_[slot];
  if (link.shared) index_.Remove(slot);
  link.shared = 0;
  slab_.Free(slot);
}

void LinkTable::TakeWaiting(std::vector<v8::Local<v8::Value>>& holders) {
  // What was made one after the other mostly dies so.
  std::reverse(waiting_.begin(), waiting_.end());
  if (!std::is_sorted(waiting_.begin(), waiting_.end(), std::greater<>())) {
    std::sort(waiting_.begin(), waiting_.end(), std::greater<>());
  }
  holders.reserve(waiting_.size());
  constexpr size_t kAhead = 16;
  for (size_t i = 0; i < waiting_.size(); ++i) {
    if (i + kAhead < waiting_.size()) slab_.Prefetch(waiting_[i + kAhead].second);
    const Slot slot = waiting_[i].second;
    Link& link = slab_[slot];
    if (!link.holder.IsEmpty()) holders.push_back(link.holder.Get(isolate_));
    link.holder.Reset();
    link.waiting = 0;
    Free(slot);
  }
  waiting_.clear();
}

void LinkTable::Clear() {
  index_.Clear();
  young_.Clear();
  slab_.Clear();
  waiting_.clear();
}

}  // namespace heapscope::weakref
