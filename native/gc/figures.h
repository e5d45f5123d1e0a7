#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/histogram.h"
#include "base/relaxed.h"
#include "base/sequence.h"

namespace heapscope::gc {

// V8's kinds of collection by our index; `lib/gc/kinds.ts` gives them their names in this order.
enum Kind : uint8_t {
  kScavenge,
  kMinorMarkSweep,
  kMarkSweepCompact,
  kIncrementalMarking,
  kWeakCallbacks,
  kKinds
};

// Bytes in use, as V8 counts them.
struct HeapLevel {
  uint64_t used;   // the whole heap
  uint64_t young;  // of that, the spaces a scavenge empties
};

struct Event {
  Kind kind;
  bool forced;
  uint64_t start_ns, duration_ns;
  HeapLevel before, after;
};

struct EventRecord {
  static constexpr size_t kWords = 7;
  Relaxed<uint64_t> words[kWords];
};

struct KindFigures {
  Relaxed<uint64_t> reclaimed_bytes;
  PauseHistogram pauses;  // nanoseconds
};

// Everything one environment tells of its collections: one block without a pointer in it, written
// by the environment's thread inside the collection, read from any thread. 300 KB.
struct Figures {
  static constexpr uint64_t kEventCapacity = 4096;

  KindFigures kinds[kKinds];
  Relaxed<uint64_t> events_written;  // the newest is at (events_written - 1) % kEventCapacity
  EventRecord events[kEventCapacity];
  Relaxed<uint64_t> watched_since_ns;     // 0 while nothing is counted here
  Relaxed<uint64_t> collecting_since_ns;  // 0 outside a pause
  Relaxed<uint64_t> stopped_ns;           // all pauses; one inside another is not counted twice
  Relaxed<uint64_t> own_cost_ns;          // what our callbacks took
  Sequence sequence;

  void Record(const Event& event);
  Event EventAt(uint64_t index) const;
};
static_assert(std::is_standard_layout_v<Figures>);

}  // namespace heapscope::gc
