#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "weakref/cells.h"
#include "weakref/link_table.h"

namespace heapscope::weakref {

// What script of one environment holds weakly: its links, and the cells of its weak collections.
class WeakReferences {
 public:
  explicit WeakReferences(v8::Isolate* isolate) : isolate_(isolate), links_(isolate) {}

  // From the first use on; collections must be reported while it is active.
  void Activate() { active_ = true; }
  bool active() const { return active_; }

  LinkTable& links() { return links_; }

  // Cells for a collection of script's, by an index that is used again after the owner's death.
  uint32_t AddCells(v8::Local<v8::Object> owner);
  Cells& cells(uint32_t index) { return *cells_[index]; }
  // The owners of cells with dead objects that they have not taken; frees what lost its owner.
  void TakeOwners(std::vector<v8::Local<v8::Value>>& owners);

  // Inside a collection.
  void OnCollection(Generation generation) {
    if (active_) Sweep(generation);
  }
  // Finds the dead. Outside a collection, those that no collection's sweep looked for: an object
  // that counted as old and then died in a scavenge all the same.
  void Sweep(Generation generation);

  // Cells that hold the target; O(all of them).
  uint32_t CellsOf(v8::Local<v8::Value> target);

  // Gives up every handle.
  void ReleaseAll();

 private:
  void FreeOrphaned();

  v8::Isolate* const isolate_;
  LinkTable links_;
  std::vector<std::unique_ptr<Cells>> cells_;
  std::vector<uint32_t> free_;
  bool active_ = false, orphans_ = false;
};

}  // namespace heapscope::weakref
