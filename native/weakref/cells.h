#pragma once

#include <v8.h>

#include <cstdint>
#include <vector>

#include "phantom/slab.h"
#include "phantom/young.h"

namespace heapscope::weakref {

using phantom::Generation;
using phantom::Slot;

// What one weak collection of script's holds weakly: the values of a map, the keys of another, the
// members of a set. A cell keeps its slot, also after its object's death, until the collection has
// taken it out of its own books.
class Cells {
 public:
  // Cells die with `owner`, an object of script's.
  Cells(v8::Isolate* isolate, v8::Local<v8::Object> owner) : isolate_(isolate) {
    owner_.Reset(isolate, owner);
    owner_.SetWeak();
  }
  Cells(const Cells&) = delete;

  Slot Add(v8::Local<v8::Value> value);
  // The slot, which may hold a dead object that has not been taken yet, gets another one. Whether
  // the one before it lived.
  bool Assign(Slot slot, v8::Local<v8::Value> value);
  // Frees the slot. Whether its object lived.
  bool Release(Slot slot);
  const v8::Global<v8::Value>* At(Slot slot) {
    return slot < slab_.size() && slab_[slot].used ? &slab_[slot].handle : nullptr;
  }

  // Objects that live, up to the last collection.
  uint32_t live() const { return live_; }
  // Slots whose object is dead and that have not been taken.
  uint32_t untaken() const { return untaken_; }
  void TakeDead(std::vector<Slot>& slots);

  // After a collection, also inside it: no allocation, no handle reset.
  void Sweep(Generation generation);

  bool orphaned() const { return owner_.IsEmpty(); }
  v8::Local<v8::Object> owner() const { return owner_.Get(isolate_); }

  uint32_t CountOf(v8::Local<v8::Value> value) {
    uint32_t count = 0;
    slab_.ForEachUsed([&](Slot, Cell& cell) { count += cell.handle == value; });
    return count;
  }

  void Clear();

 private:
  struct Cell {
    v8::Global<v8::Value> handle;
    union {
      Slot next_free = 0;  // while free
      Slot next_listed;    // while listed
    };
    uint32_t used : 1 = 0;
    uint32_t dead : 1 = 0;    // its object's death was found
    uint32_t listed : 1 = 0;  // among those to be taken, though it may live again since
    uint32_t released : 1 = 0;
    uint32_t young : 1 = 0;  // in the list of the newborn
  };
  static_assert(sizeof(Cell) == 16);
  // Small chunks: a service may have many small collections.
  using Slab = phantom::Slab<Cell, 5>;

  void Hold(Slot slot, v8::Local<v8::Value> value);
  bool SweepSlot(Slot slot);

  v8::Isolate* const isolate_;
  v8::Global<v8::Object> owner_;
  Slab slab_{UINT32_C(1) << 30};  // a slot is a small integer to script
  phantom::Young young_;
  Slot listed_ = Slab::kNone;
  uint32_t live_ = 0, untaken_ = 0;
};

}  // namespace heapscope::weakref
