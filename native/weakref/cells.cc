#include "weakref/cells.h"

#include <utility>

#include "phantom/aim.h"

namespace heapscope::weakref {

Slot Cells::Add(v8::Local<v8::Value> value) {
  const Slot slot = slab_.Take();
  if (slot == Slab::kNone) return slot;
  young_.Reserve(slab_.size());
  Cell& cell = slab_[slot];
  cell.dead = 0;
  cell.listed = 0;
  cell.released = 0;
  ++live_;
  Hold(slot, value);
  slab_.PrefetchFree();
  return slot;
}

bool Cells::Assign(Slot slot, v8::Local<v8::Value> value) {
  Cell& cell = slab_[slot];
  const bool lived = !cell.handle.IsEmpty();
  if (cell.dead) {
    cell.dead = 0;
    --untaken_;
    ++live_;
  }
  Hold(slot, value);
  return lived;
}

void Cells::Hold(Slot slot, v8::Local<v8::Value> value) {
  Cell& cell = slab_[slot];
  phantom::Aim(cell.handle, isolate_, value);
  if (!cell.young) young_.Add(slot);
  cell.young = 1;
}

bool Cells::Release(Slot slot) {
  if (!At(slot)) return false;
  Cell& cell = slab_[slot];
  const bool lived = !cell.handle.IsEmpty();
  cell.handle.Reset();
  cell.dead ? --untaken_ : --live_;
  cell.dead = 0;
  if (cell.listed) {
    cell.released = 1;  // freed when the list is gone through
  } else {
    slab_.Free(slot);
  }
  return lived;
}

void Cells::TakeDead(std::vector<Slot>& slots) {
  slots.reserve(untaken_);
  while (listed_ != Slab::kNone) {
    const Slot slot = std::exchange(listed_, slab_[listed_].next_listed);
    Cell& cell = slab_[slot];
    cell.listed = 0;
    if (cell.dead) slots.push_back(slot);
    if (cell.dead || cell.released) slab_.Free(slot);
  }
  untaken_ = 0;
}

void Cells::Sweep(Generation generation) {
  phantom::SweepSlots(slab_, young_, generation, [&](Slot slot) { return SweepSlot(slot); });
}

// Whether a scavenge need not look at the slot again.
bool Cells::SweepSlot(Slot slot) {
  Cell& cell = slab_[slot];
  if (!cell.used || cell.dead || cell.released) return true;
  if (!cell.handle.IsEmpty()) return false;
  cell.dead = 1;
  --live_;
  ++untaken_;
  if (!cell.listed) {
    cell.listed = 1;
    cell.next_listed = listed_;
    listed_ = slot;
  }
  return true;
}

void Cells::Clear() {
  young_.Clear();
  slab_.Clear();
  listed_ = Slab::kNone;
  live_ = untaken_ = 0;
}

}  // namespace heapscope::weakref
