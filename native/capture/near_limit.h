#pragma once

#include <napi.h>
#include <v8.h>

#include <cstdint>
#include <string>

#include "capture/graph_saver.h"
#include "environment.h"
#include "twin/twin.h"

namespace heapscope::capture {

struct NearLimitPlan {
  std::string path;  // of the first graph; the second has ".2" behind it
  size_t extend_by;
  uint32_t times;
  uint64_t cool_down_ns;
  twin::Bounds bounds;
  std::string spill_to;
};

// Takes the heap's graph when V8 is about to give up for want of room. Its limit is raised, a twin
// forked and its graph saved by a thread, none of which needs the event loop: what fills a heap
// often keeps that busy. V8 restores the limit once half of the heap is free again. Where it is
// reached while the twin is still at work, the isolate's thread waits for that, at most until the
// twin's deadline: after it comes the end of the process. All of it on the isolate's thread.
//
// V8 also asks from inside a collection that freed too little. It may hold a lock there that knows
// its owner by the id of the thread: the twin's thread has another, and would wait for an owner
// that it does not have. So the limit is raised first, and the twin forked at the collection's end.
class NearLimit {
 public:
  NearLimit(Napi::Env env, Environment* environment, NearLimitPlan plan);
  ~NearLimit();
  NearLimit(const NearLimit&) = delete;

  uint32_t saved() const { return saver_.saved(); }
  std::string failure() { return saver_.failure(); }
  // Not while it listens, nor while a graph is saved: to destroy it would wait for that.
  bool over() { return !listening_ && saver_.outcome() != GraphSaver::Outcome::kAtWork; }

  // No graph from then on: a twin that is at work ends soon, a graph that is there is saved.
  void End();

 private:
  static size_t OnNearLimit(void* self, size_t current, size_t initial);
  size_t OnNearLimit(size_t current, size_t initial);
  static void OnCollectionBegin(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);
  static void OnCollectionEnd(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);
  void OnCollectionEnd();
  // Whether a twin was forked, or will be tried at the end of the collection.
  bool ForkOrPostpone();
  bool Fork();
  static void OnCleanup(void* self);

  const Napi::Env env_;
  Environment* const environment_;
  v8::Isolate* const isolate_;
  const NearLimitPlan plan_;
  v8::Platform* const platform_;
  GraphSaver saver_;
  uint32_t tries_ = 0;
  uint64_t last_ns_ = 0;         // when a twin was forked
  size_t initial_ = 0;           // the limit to be restored; 0: it was not raised
  uint32_t collecting_ = 0;      // collections and their weak callbacks, one within another
  bool postponed_ = false;       // until the collection's end
  bool could_not_fork_ = false;  // there; the limit is raised in vain
  bool listening_ = true;
  bool hooked_ = true;
};

}  // namespace heapscope::capture
