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
  const uint64_t now = CoarseMs();
  for (const auto& tracked : classes_) tracked->OnCollection(generation, now);
}

uint64_t Tracker::CountDeaths() {
  uint64_t deaths = 0;
  for (const auto& tracked : classes_) {
    tracked->Sweep(Generation::kAll);
    deaths += tracked->deaths();
  }
  return deaths;
}

void Tracker::ReleaseAll() {
  for (const auto& tracked : classes_) tracked->Release();
  active_ = false;
}

}  // namespace heapscope::tracking
