#pragma once

#include <v8.h>

#include <memory>

#include "gc/figures.h"

namespace heapscope::gc {

// Told of every collection, inside V8's epilogue callback: no allocation, no lock, no JavaScript.
class CollectionListener {
 public:
  virtual void OnCollection(Kind kind) = 0;

 protected:
  ~CollectionListener() = default;
};

// Counts the collections of one isolate through V8's prologue and epilogue callbacks.
class Collections {
 public:
  Collections(v8::Isolate* isolate, CollectionListener* listener);
  ~Collections() { Detach(); }
  Collections(const Collections&) = delete;

  // On the isolate's thread, outside a collection. Idempotent.
  void Attach();
  void Detach();

  HeapLevel MeasureHeap() const;
  const std::shared_ptr<Figures>& figures() const { return figures_; }

 private:
  static void OnPrologue(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);
  static void OnEpilogue(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);
  void Begin(Kind kind);
  void End(Kind kind, bool forced);

  // Kinds nest (weak callbacks can run inside a mark-sweep), so each has its own start.
  struct Start {
    uint64_t at_ns = 0;
    HeapLevel level{};
  };

  v8::Isolate* const isolate_;
  CollectionListener* const listener_;
  const std::shared_ptr<Figures> figures_;
  Start starts_[kKinds];
  int nesting_ = 0;
  bool attached_ = false;
  // The spaces a scavenge empties, by V8's index; V8's lists of spaces differ between versions.
  static constexpr int kMaxYoungSpaces = 2;
  size_t young_spaces_[kMaxYoungSpaces];
  int young_space_count_ = 0;
};

}  // namespace heapscope::gc
