#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "tracking/tracked_class.h"
#include "tracking/unclosed_queue.h"

namespace heapscope::tracking {

// The tracked classes of one environment.
class Tracker {
 public:
  explicit Tracker(v8::Isolate* isolate) : isolate_(isolate) {}

  // The reference lives until the tracker does.
  TrackedClass& Add(std::shared_ptr<v8::BackingStore> cells, const TrackedClass::Options& options);
  TrackedClass& operator[](uint32_t index) { return *classes_[index]; }
  uint32_t size() const { return static_cast<uint32_t>(classes_.size()); }

  // Whether collections must be reported to it.
  bool active() const { return active_; }

  // Inside a collection.
  void OnCollection(Generation generation);

  // Gives up every handle; counts can still be read. A class added later makes it active again.
  void ReleaseAll();

  // Followed instances that have died, up to the last collection.
  uint64_t CountDeaths();
  UnclosedQueue& unclosed() { return unclosed_; }

 private:
  v8::Isolate* const isolate_;
  std::vector<std::unique_ptr<TrackedClass>> classes_;
  UnclosedQueue unclosed_;
  bool active_ = false;
};

}  // namespace heapscope::tracking
