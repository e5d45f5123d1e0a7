#pragma once

#include <node.h>
#include <v8.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "twin/memory_map.h"
#include "twin/report.h"
#include "twin/shared_region.h"
#include "twin/watch.h"

namespace heapscope::twin {

// Where V8 has its threads. To be asked in a context; throws where this is not as Node.js has it.
v8::Platform* PlatformOf(v8::Isolate* isolate);

// A copy of this process that works on what it was copied from, and a place where it puts the
// result. Its parts are used one after the other, from the isolate's thread or, where it is said,
// from another. There is at most one at a time in a process.
class Twin {
 public:
  // Nothing where there is one already.
  static std::shared_ptr<Twin> Open(v8::Isolate* isolate, v8::Platform* platform);
  // For who has no later: the one that is there is ended, and forks no more. Nothing where that did
  // not end so soon.
  static std::shared_ptr<Twin> OpenInstead(v8::Isolate* isolate, v8::Platform* platform,
                                           uint64_t within_ns);
  Twin(const Twin&) = delete;

  // On another thread, soon before Fork.
  void Survey(const graph::Control* control = nullptr) { memory_.Survey(control); }

  struct Job {
    Bounds bounds;
    bool may_have_moved;   // much of the memory, since it was surveyed
    uint64_t park_ns;      // at most so long is waited for V8's threads
    size_t report_bytes;   // for what stands behind the report
    std::string spill_to;  // the directory where it spills to; empty: it does not
    std::function<bool()> good_moment;
    std::function<void()> work;  // of the twin; may throw
  };
  enum class Start { kForked, kWorkersBusy, kCollecting, kMemoryMoved };
  Start Fork(const Job& job);
  uint64_t pause_ns() const { return pause_ns_; }
  // By how much the twin grew at most, as it saw itself between the steps of its work.
  uint64_t grown_bytes() {
    if (spill_) return report().most_anonymous.load();
    const uint64_t most = std::max(report().control.most_resident(),
                                   report().resident_at_end.load() + FileBytes(result()));
    return most > resident_before_ ? most - resident_before_ : 0;
  }

  // Where the twin works, and when it has: the same in both processes.
  Report& report() { return *static_cast<Report*>(region_->data()); }
  char* behind_report() { return static_cast<char*>(region_->data()) + kReportBytes; }
  int result() const { return result_.get(); }
  // The file to spill to; negative: the twin does not.
  int spill() const { return spill_.get(); }
  const Bounds& bounds() const { return bounds_; }

  // On another thread.
  Ending WaitForEnd() noexcept {
    const Ending ending = Watch({process_, bounds_, result(), spill() >= 0}, cancelled_);
    lives_.store(false);
    return ending;
  }
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

 private:
  static constexpr size_t kReportBytes = (sizeof(Report) + 63) / 64 * 64;

  Twin(v8::Isolate* isolate, v8::Platform* platform) : isolate_(isolate), platform_(platform) {}
  [[noreturn]] void Live(const Job& job);

  v8::Isolate* const isolate_;
  v8::Platform* const platform_;
  MemoryMap memory_;
  std::unique_ptr<SharedRegion> region_;
  FileDescriptor result_;
  FileDescriptor spill_;
  Bounds bounds_;
  pid_t process_ = 0;
  uint64_t pause_ns_ = 0;
  uint64_t resident_before_ = 0;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> lives_{false};  // from the fork until it was taken from the kernel
};

}  // namespace heapscope::twin
