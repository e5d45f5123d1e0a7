#include "tracking/tracked_class.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "phantom/aim.h"

namespace heapscope::tracking {

TrackedClass::TrackedClass(v8::Isolate* isolate, uint32_t index,
                           std::shared_ptr<v8::BackingStore> cells, const Options& options,
                           UnclosedQueue* unclosed)
    : isolate_(isolate),
      index_(index),
      cells_store_(std::move(cells)),
      cells_(static_cast<double*>(cells_store_->Data())),
      unclosed_(unclosed),
      slab_(options.handles),
      sampling_(MonotonicNs() ^ reinterpret_cast<uintptr_t>(this)) {
  Configure(options);
}

void TrackedClass::Configure(const Options& options) {
  closable_ = options.closable;
  sampling_.Configure(options.handles, options.least_level);
  if (sampling_.level() < options.least_level) ThinTo(options.least_level);
  SetLevel(slab_.used() == 0 ? options.least_level : sampling_.level());
  DrawSkip();
}

Slot TrackedClass::Follow(v8::Local<v8::Object> object) {
  unsigned level = sampling_.drawn_level();
  Slot slot = slab_.Take();
  if (slot == Slab::kNone) {
    Sweep(Generation::kAll);
    slot = slab_.Take();
  }
  // One thinning may free nothing: of a few instances all may win their draw.
  while (slot == Slab::kNone && sampling_.level() + 1 < Population::kLevels) {
    const unsigned thinner = sampling_.ThinnerLevel(slab_.used());
    ThinTo(thinner);
    // The newcomer takes its chance like the others.
    if (level < thinner && !sampling_.Wins(thinner - level)) return Slab::kNone;
    level = std::max(level, thinner);
    slot = slab_.Take();
  }
  if (slot == Slab::kNone) return slot;
  young_.Reserve(slab_.size());
  Instance& instance = slab_[slot];
  phantom::Aim(instance.handle, isolate_, object);
  instance.id = static_cast<uint64_t>(cells_[kCreated]);
  instance.born_ms = CoarseMs();
  instance.level = level;
  instance.closable = closable_;
  instance.closed = 0;
  instance.site = Instance::kNoSite;
  live_.Add(level);
  young_.Add(slot);
  slab_.PrefetchFree();
  DrawSkip();
  return slot;
}

bool TrackedClass::Holds(Slot slot, v8::Local<v8::Object> object) {
  return slot < slab_.size() && slab_[slot].used && slab_[slot].handle == object;
}

Slot TrackedClass::Find(v8::Local<v8::Object> object) {
  for (Slot slot = 0; slot < slab_.size(); ++slot) {
    if (Holds(slot, object)) return slot;
  }
  return Slab::kNone;
}

void TrackedClass::Close(Slot slot, v8::Local<v8::Object> object) {
  ++closed_;
  if (!Holds(slot, object) || slab_[slot].closed) return;
  slab_[slot].closed = 1;
  closed_live_.Add(slab_[slot].level);
}

void TrackedClass::OnCollection(Generation generation, uint64_t now_ms) {
  collected_ms_ = now_ms;
  if (sampling_.level() == sampling_.least_level()) return Sweep(generation);
  const double population = live_.Estimate();
  Sweep(generation);
  // The cells are left alone: script may be between reading and writing one.
  if (sampling_.Relax(population)) ApplyLevel();
}

void TrackedClass::Sweep(Generation generation) {
  if (slab_.used() == 0) return;
  DeathRun run;
  if (generation == Generation::kYoung) {
    young_.Sweep(slab_, [&](Slot slot) { return SweepSlot(slot, run); });
  } else {
    slab_.ForEachUsed([&](Slot slot, Instance&) { SweepSlot(slot, run); });
    DropFreeFromYoung();
  }
  Record(run);
}

void TrackedClass::DropFreeFromYoung() {
  young_.Drop([&](Slot slot) { return !slab_[slot].used; });
}

bool TrackedClass::SweepSlot(Slot slot, DeathRun& run) {
  const Instance& instance = slab_[slot];
  if (!instance.handle.IsEmpty()) return false;
  if (instance.born_ms != run.born_ms || instance.level != run.level) {
    Record(run);
    run = {.born_ms = instance.born_ms, .level = instance.level, .deaths = 0};
  }
  ++run.deaths;
  if (instance.closable && !instance.closed) {
    collected_unclosed_ += 1 / Population::ProbabilityOf(instance.level);
    unclosed_->Push({.class_index = index_,
                     .site = static_cast<uint32_t>(instance.site),
                     .id = instance.id,
                     .born_ms = instance.born_ms,
                     .died_ms = collected_ms_});
  }
  Forget(slot);
  return true;
}

void TrackedClass::Record(const DeathRun& run) {
  if (run.deaths == 0) return;
  deaths_ += run.deaths;
  lifetimes_.Record(collected_ms_ - run.born_ms, run.deaths << run.level);
}

void TrackedClass::Forget(Slot slot) {
  const Instance& instance = slab_[slot];
  live_.Remove(instance.level);
  if (instance.closed) closed_live_.Remove(instance.level);
  slab_.Free(slot);
}

void TrackedClass::SetLevel(unsigned level) {
  sampling_.SetLevel(level);
  ApplyLevel();
}

void TrackedClass::ApplyLevel() {
  slab_.set_capacity(sampling_.slots());
  live_.MarkSampled(sampling_.level());
}

void TrackedClass::ThinTo(unsigned level) {
  SetLevel(level);
  live_.Raise(level);
  const v8::HandleScope scope(isolate_);
  std::vector<std::pair<Slot, v8::Local<v8::Object>>> kept;
  // V8 walks whole blocks of handles, however few are left there, and gives out first what was
  // freed last. So all are freed, in the order in which they lie, and those that are kept made
  // anew.
  ForEachLive([&](Slot slot, Instance& instance) {
    const unsigned before = static_cast<unsigned>(instance.level);
    const bool keep =
        before >= level || sampling_.Wins(level - before);  // or drawn when sampled less
    if (keep) kept.emplace_back(slot, instance.handle.Get(isolate_));
    instance.handle.Reset();
    if (!keep) return Forget(slot);
    if (before >= level) return;
    live_.Remove(before);
    live_.Add(level);
    if (instance.closed) {
      closed_live_.Remove(before);
      closed_live_.Add(level);
    }
    instance.level = level;
  });
  for (const auto& [slot, object] : kept) phantom::Aim(slab_[slot].handle, isolate_, object);
  DropFreeFromYoung();
  DrawSkip();
}

void TrackedClass::Release() {
  slab_.Clear();
  young_.Clear();
}

TrackedClass::Stats TrackedClass::Read() {
  if (slab_.used() == 0) slab_.Clear();
  if (sampling_.drawn_level() != sampling_.level()) DrawSkip();
  Stats stats{.live = live_.Estimate(),
              .live_error = std::min(live_.StandardError(), cells_[kCreated]),
              .closed = closed_,
              .collected_unclosed = collected_unclosed_,
              .pending_deletion = closed_live_.Estimate(),
              .followed = static_cast<double>(slab_.used()),
              .probability = sampling_.probability(),
              .oldest_born_ms = std::nullopt};
  ForEachLive([&](Slot, const Instance& instance) {
    if (!stats.oldest_born_ms || instance.born_ms < *stats.oldest_born_ms)
      stats.oldest_born_ms = instance.born_ms;
  });
  return stats;
}

}  // namespace heapscope::tracking
