#include "twin/twin.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <new>
#include <optional>

#include "base/clock.h"
#include "base/process_facts.h"
#include "twin/parking.h"
#include "twin/refusal.h"
#include "twin/spill.h"
#include "twin/whole_fork.h"

namespace heapscope::twin {

namespace {

// As much as may be mapped since it was surveyed; of more memory a sixteenth.
constexpr uint64_t kLeastUnknown = 16 << 20;

std::mutex slot;  // of the one that there is
std::weak_ptr<Twin> in_slot;
std::mutex forking;

Report* report_of_twin = nullptr;  // for V8's callbacks; set in the twin alone

[[noreturn]] void GiveUp(const char* code, const char* message) {
  report_of_twin->Fail(code, message);
  _exit(1);
}

void OnFatalError(const char*, const char* message) {
  GiveUp(graph::kErrorTwin, message == nullptr ? "V8 gave up in the twin" : message);
}

void OnOutOfMemory(const char* location, const v8::OOMDetails&) {
  GiveUp(graph::kErrorMemory, location == nullptr ? "V8 had no memory in the twin" : location);
}

// The twin's memory is bounded as a whole; its heap may grow within that.
size_t OnNearHeapLimit(void*, size_t current, size_t) { return current + (size_t{256} << 20); }

}  // namespace

v8::Platform* PlatformOf(v8::Isolate* isolate) {
  const v8::HandleScope scope(isolate);
  node::Environment* environment = node::GetCurrentEnvironment(isolate->GetCurrentContext());
  v8::Platform* const platform =
      environment == nullptr ? nullptr : node::GetMultiIsolatePlatform(environment);
  if (platform != nullptr) return platform;
  throw graph::Error(graph::kErrorUnsupported, "this process does not run V8 as Node.js does");
}

std::shared_ptr<Twin> Twin::Open(v8::Isolate* isolate, v8::Platform* platform) {
  const std::lock_guard<std::mutex> lock(slot);
  if (!in_slot.expired()) return nullptr;
  std::shared_ptr<Twin> twin(new Twin(isolate, platform));
  in_slot = twin;
  return twin;
}

std::shared_ptr<Twin> Twin::OpenInstead(v8::Isolate* isolate, v8::Platform* platform,
                                        uint64_t within_ns) {
  const std::lock_guard<std::mutex> lock(slot);
  if (const auto other = in_slot.lock()) {
    other->Cancel();
    {
      const std::lock_guard<std::mutex> no_fork_meanwhile(forking);
    }
    for (const uint64_t start = MonotonicNs(); other->lives_.load();) {
      if (MonotonicNs() - start > within_ns) return nullptr;
      usleep(1000);
    }
  }
  std::shared_ptr<Twin> twin(new Twin(isolate, platform));
  in_slot = twin;
  return twin;
}

Twin::Start Twin::Fork(const Job& job) {
  const std::lock_guard<std::mutex> one_forks(forking);
  if (cancelled_.load()) {
    throw graph::Error(graph::kErrorTwin, "the twin gave way to one at the heap's limit");
  }
  region_ = std::make_unique<SharedRegion>(kReportBytes + job.report_bytes);
  new (region_->data()) Report;
  if (job.spill_to.empty()) {
    spill_.Close();
    result_ = FileDescriptor(memfd_create("heapscope", MFD_CLOEXEC));
  } else {
    spill_ = NamelessFile(job.spill_to);
    result_ = NamelessFile(job.spill_to);  // memory in which files are kept would count
  }
  if (!result_) throw Refusal("a twin needs a file in memory", errno);
  Nowhere nowhere;
  bounds_ = job.bounds;
  resident_before_ = ResidentBytes();

  if (!job.good_moment()) return Start::kCollecting;
  const uint64_t start = MonotonicNs();
  const pid_t parent = getpid();
  pid_t forked = 0;
  int error = 0;
  {
    Parking parking;
    if (!parking.Park(platform_, job.park_ns)) return Start::kWorkersBusy;
    memory_.Read();
    const ForkPlan plan(memory_);
    const uint64_t most_unknown = std::max(kLeastUnknown, plan.left_out_bytes() / 16);
    if (!job.may_have_moved && plan.unknown_bytes() > most_unknown) return Start::kMemoryMoved;
    if (!job.good_moment()) return Start::kCollecting;
    const WholeFork whole(plan, memory_);
    const SignalsBlocked blocked;
    if (!job.good_moment()) return Start::kCollecting;
    forked = fork();
    error = errno;
    if (forked == 0) {
      try {
        BecomeHarmless(parent, bounds_, &report(), nowhere, {result_.get(), spill_.get()});
        whole.KeepFree();
        Live(job);
      } catch (const graph::Error& failure) {
        report().Fail(failure.code(), failure.what());
      } catch (...) {
        report().Fail(graph::kErrorTwin, "the twin could not begin");
      }
      _exit(1);
    }
  }
  pause_ns_ = MonotonicNs() - start;
  if (forked < 0) throw Refusal("this process cannot be forked", error);
  process_ = forked;
  lives_.store(true);
  return Start::kForked;
}

void Twin::Live(const Job& job) {
  report_of_twin = &report();
  isolate_->SetFatalErrorHandler(OnFatalError);
  isolate_->SetOOMErrorHandler(OnOutOfMemory);
  isolate_->AddNearHeapLimitCallback(OnNearHeapLimit, nullptr);
  try {
    job.work();
    report().state.store(Report::kDone, std::memory_order_release);
    _exit(0);
  } catch (const graph::Error& error) {
    GiveUp(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    GiveUp(graph::kErrorMemory, "the twin came to the bound of its memory");
  } catch (const std::exception& error) {
    GiveUp(graph::kErrorTwin, error.what());
  }
}

}  // namespace heapscope::twin
