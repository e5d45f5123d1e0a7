#pragma once

#include <napi.h>
#include <v8.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

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
class NearLimit {
 public:
  NearLimit(Napi::Env env, Environment* environment, NearLimitPlan plan);
  ~NearLimit();
  NearLimit(const NearLimit&) = delete;

  uint32_t saved() const { return saved_.load(); }
  std::string failure();

  // No graph from then on: a twin that is at work ends, a graph that is there is saved first.
  void End();

 private:
  static size_t OnNearLimit(void* self, size_t current, size_t initial);
  size_t OnNearLimit(size_t current, size_t initial);
  bool Fork();
  void SaveLater(const std::string& path);
  void Save(const std::string& path);
  void Fail(const std::string& why);
  static void OnCleanup(void* self);

  const Napi::Env env_;
  Environment* const environment_;
  v8::Isolate* const isolate_;
  const NearLimitPlan plan_;
  v8::Platform* const platform_;
  std::thread saver_;
  std::atomic<uint32_t> saved_{0};
  uint32_t forked_ = 0;
  uint64_t last_ns_ = 0;
  size_t initial_ = 0;  // the limit to be restored; 0: it was not raised
  bool listening_ = true;
  bool hooked_ = true;
  std::shared_ptr<twin::Twin> twin_;
  std::mutex mutex_;
  std::string failure_;
};

}  // namespace heapscope::capture
