#include "weakref/weak_references.h"

namespace heapscope::weakref {

uint32_t WeakReferences::AddCells(v8::Local<v8::Object> owner) {
  if (orphans_) FreeOrphaned();
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(cells_.size()));
    cells_.emplace_back();
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  cells_[index] = std::make_unique<Cells>(isolate_, owner);
  return index;
}

void WeakReferences::TakeOwners(std::vector<v8::Local<v8::Value>>& owners) {
  if (orphans_) FreeOrphaned();
  for (const auto& cells : cells_) {
    if (cells && !cells->orphaned() && cells->untaken() > 0) owners.push_back(cells->owner());
  }
}

void WeakReferences::Sweep(Generation generation) {
  links_.Sweep(generation);
  for (const auto& cells : cells_) {
    if (!cells) continue;
    if (cells->orphaned()) {
      orphans_ = true;
    } else {
      cells->Sweep(generation);
    }
  }
}

uint32_t WeakReferences::CellsOf(v8::Local<v8::Value> target) {
  uint32_t count = 0;
  for (const auto& cells : cells_) {
    if (cells && !cells->orphaned()) count += cells->CountOf(target);
  }
  return count;
}

void WeakReferences::FreeOrphaned() {
  orphans_ = false;
  for (uint32_t index = 0; index < cells_.size(); ++index) {
    if (!cells_[index] || !cells_[index]->orphaned()) continue;
    cells_[index].reset();
    free_.push_back(index);
  }
}

void WeakReferences::ReleaseAll() {
  links_.Clear();
  cells_.clear();
  free_.clear();
  active_ = false;
  orphans_ = false;
}

}  // namespace heapscope::weakref
