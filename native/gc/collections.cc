#include "gc/collections.h"

#include <bit>
#include <cstring>

#include "base/clock.h"

namespace heapscope::gc {

namespace {

// V8's types are bits 1, 2, 4, 8, 16: their positions are our kinds.
Kind KindOf(v8::GCType type) {
  return static_cast<Kind>(std::countr_zero(static_cast<unsigned>(type)));
}

}  // namespace

void Figures::Record(const Event& event) {
  KindFigures& kind = kinds[event.kind];
  const uint64_t written = events_written.Get();
  const uint64_t words[EventRecord::kWords] = {
      static_cast<uint64_t>(event.kind) | (event.forced ? 0x100u : 0u),
      event.start_ns,
      event.duration_ns,
      event.before.used,
      event.before.young,
      event.after.used,
      event.after.young};
  sequence.Write([&] {
    kind.pauses.Record(event.duration_ns);
    if (event.before.used > event.after.used)
      kind.reclaimed_bytes.Add(event.before.used - event.after.used);
    EventRecord& record = events[written % kEventCapacity];
    for (size_t i = 0; i < EventRecord::kWords; ++i) record.words[i].Set(words[i]);
    events_written.Set(written + 1);
  });
}

Event Figures::EventAt(uint64_t index) const {
  const EventRecord& record = events[index % kEventCapacity];
  const uint64_t tag = record.words[0].Get();
  return {.kind = static_cast<Kind>(tag & 0xff),
          .forced = (tag & 0x100) != 0,
          .start_ns = record.words[1].Get(),
          .duration_ns = record.words[2].Get(),
          .before = {record.words[3].Get(), record.words[4].Get()},
          .after = {record.words[5].Get(), record.words[6].Get()}};
}

Collections::Collections(v8::Isolate* isolate, CollectionListener* listener)
    : isolate_(isolate), listener_(listener), figures_(std::make_shared<Figures>()) {
  for (size_t i = 0; i < isolate->NumberOfHeapSpaces(); ++i) {
    v8::HeapSpaceStatistics space;
    if (!isolate->GetHeapSpaceStatistics(&space, i)) continue;
    const char* name = space.space_name();
    const bool young =
        std::strcmp(name, "new_space") == 0 || std::strcmp(name, "new_large_object_space") == 0;
    if (young && young_space_count_ < kMaxYoungSpaces) young_spaces_[young_space_count_++] = i;
  }
}

void Collections::Attach() {
  if (attached_) return;
  isolate_->AddGCPrologueCallback(OnPrologue, this, v8::kGCTypeAll);
  isolate_->AddGCEpilogueCallback(OnEpilogue, this, v8::kGCTypeAll);
  figures_->watched_since_ns.Set(MonotonicNs());
  attached_ = true;
}

void Collections::Detach() {
  if (!attached_) return;
  isolate_->RemoveGCPrologueCallback(OnPrologue, this);
  isolate_->RemoveGCEpilogueCallback(OnEpilogue, this);
  figures_->watched_since_ns.Set(0);
  figures_->collecting_since_ns.Set(0);
  for (Start& start : starts_) start = {};
  nesting_ = 0;
  attached_ = false;
}

HeapLevel Collections::MeasureHeap() const {
  v8::HeapStatistics heap;
  isolate_->GetHeapStatistics(&heap);
  HeapLevel level{.used = heap.used_heap_size(), .young = 0};
  for (int i = 0; i < young_space_count_; ++i) {
    v8::HeapSpaceStatistics space;
    isolate_->GetHeapSpaceStatistics(&space, young_spaces_[i]);
    level.young += space.space_used_size();
  }
  return level;
}

void Collections::OnPrologue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* self) {
  static_cast<Collections*>(self)->Begin(KindOf(type));
}

void Collections::OnEpilogue(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags flags, void* self) {
  static_cast<Collections*>(self)->End(KindOf(type), (flags & v8::kGCCallbackFlagForced) != 0);
}

void Collections::Begin(Kind kind) {
  const uint64_t entered = MonotonicNs();
  Start& start = starts_[kind];
  start.level = MeasureHeap();
  start.at_ns = MonotonicNs();
  figures_->own_cost_ns.Add(start.at_ns - entered);
  if (nesting_++ == 0) figures_->collecting_since_ns.Set(start.at_ns);
}

void Collections::End(Kind kind, bool forced) {
  Start& start = starts_[kind];
  if (start.at_ns == 0) return;  // attached between prologue and epilogue
  const uint64_t entered = MonotonicNs();
  listener_->OnCollection(kind);
  // The listener's time is part of the pause: the program waits for it all the same.
  const uint64_t now = MonotonicNs();
  const uint64_t duration = now - start.at_ns;
  if (--nesting_ == 0) {
    figures_->collecting_since_ns.Set(0);
    figures_->stopped_ns.Add(duration);
  }
  figures_->Record({.kind = kind,
                    .forced = forced,
                    .start_ns = start.at_ns,
                    .duration_ns = duration,
                    .before = start.level,
                    .after = MeasureHeap()});
  start.at_ns = 0;
  figures_->own_cost_ns.Add(MonotonicNs() - entered);
}

}  // namespace heapscope::gc
