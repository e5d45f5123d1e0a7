#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "base/histogram.h"
#include "phantom/slab.h"
#include "phantom/young.h"
#include "tracking/instance.h"
#include "tracking/population.h"
#include "tracking/sampling.h"
#include "tracking/unclosed_queue.h"

namespace heapscope::tracking {

using phantom::Generation;
using phantom::Slot;
using Slab = phantom::Slab<Instance>;

// The cells that a class's wrapper and its native half share: script counts in them without a call,
// and calls only for an instance that is to be followed. `lib/tracking/cells.ts` holds the same.
enum Cell { kCreated, kFailed, kSkip };

// One class: which of its instances are followed, and what became of them.
class TrackedClass {
 public:
  struct Options {
    Slot handles;
    unsigned least_level;  // keep at most one in 2^least_level
    bool closable;
  };

  TrackedClass(v8::Isolate* isolate, uint32_t index, std::shared_ptr<v8::BackingStore> cells,
               const Options& options, UnclosedQueue* unclosed);
  ~TrackedClass() { Release(); }
  TrackedClass(const TrackedClass&) = delete;

  void Configure(const Options& options);

  // The instance just counted is to be followed. Its slot, or Slab::kNone where the slots had run
  // out and it lost its draw.
  Slot Follow(v8::Local<v8::Object> object);

  // Whether the slot holds this very object: the same slot may serve another after its death.
  bool Holds(Slot slot, v8::Local<v8::Object> object);
  // O(slots).
  Slot Find(v8::Local<v8::Object> object);
  Instance& instance(Slot slot) { return slab_[slot]; }
  Slot followed() const { return slab_.used(); }

  // The object was closed, for the first time; `slot` as Follow gave it.
  void Close(Slot slot, v8::Local<v8::Object> object);

  // After a collection that ended at `now_ms`, still inside it: no allocation.
  void OnCollection(Generation generation, uint64_t now_ms);
  // Finds the dead. Outside a collection, those that no collection's sweep looked for: an object
  // that counted as old and then died in a scavenge all the same.
  void Sweep(Generation generation);

  // Gives up every handle; the counts stay.
  void Release();

  template <typename F>
  void ForEachLive(F&& visit) {
    slab_.ForEachUsed([&](Slot slot, Instance& instance) {
      if (!instance.handle.IsEmpty()) visit(slot, instance);
    });
  }

  struct Stats {
    double live, live_error, closed, collected_unclosed, pending_deletion, followed, probability;
    std::optional<uint64_t> oldest_born_ms;
  };
  Stats Read();
  const LifetimeHistogram& lifetimes() const { return lifetimes_; }
  uint64_t deaths() const { return deaths_; }  // of followed instances

 private:
  void DrawSkip() { cells_[kSkip] = sampling_.DrawSkip(); }
  void SetLevel(unsigned level);
  // Tells the slab and the estimate of the level that has been set.
  void ApplyLevel();
  // Lowers the probability to that of `level` and keeps each followed instance accordingly.
  void ThinTo(unsigned level);
  // Deaths of one lifetime and level, told to the histogram together: objects that are made and die
  // together come in long runs, and this is done inside the collection.
  struct DeathRun {
    uint64_t born_ms = 0, level = 0, deaths = 0;
  };
  bool SweepSlot(Slot slot, DeathRun& run);
  void Record(const DeathRun& run);
  void DropFreeFromYoung();
  void Forget(Slot slot);

  v8::Isolate* const isolate_;
  const uint32_t index_;
  const std::shared_ptr<v8::BackingStore> cells_store_;
  double* const cells_;
  UnclosedQueue* const unclosed_;
  bool closable_;
  Slab slab_;
  phantom::Young young_;
  Sampling sampling_;
  Population live_, closed_live_;
  double closed_ = 0, collected_unclosed_ = 0;
  uint64_t deaths_ = 0;
  uint64_t collected_ms_ = 0;  // the last collection's end
  LifetimeHistogram lifetimes_;
};

}  // namespace heapscope::tracking
