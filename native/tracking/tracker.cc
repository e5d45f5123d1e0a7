#include "tracking/tracker.h"

#include <utility>

#include "base/clock.h"

namespace heapscope::tracking {

TrackedClass& Tracker::Add(std::shared_ptr<v8::BackingStore> cells,
                           const TrackedClass::Options& options) {
  active_ = true;
  classes_.push_back(
      std::make_unique<TrackedClass>(isolate_, size(), std::move(cells), options, &unclosed_));
  return *classes_.back();
}

void Tracker::OnCollection(Generation generation) {
  if (!active_) return;
  last_collection_ms_ = CoarseMs();
  for (const auto& tracked : classes_)
    deaths_ += tracked->OnCollection(generation, last_collection_ms_);
}

void Tracker::SweepAll() {
  for (const auto& tracked : classes_)
    deaths_ += tracked->Sweep(Generation::kAll, last_collection_ms_);
}

void Tracker::ReleaseAll() {
  for (const auto& tracked : classes_) tracked->Release();
  active_ = false;
}

}  // namespace heapscope::tracking
