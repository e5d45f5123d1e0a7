#include "capture/near_limit.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "base/clock.h"
#include "capture/twin_capture.h"
#include "graph/error.h"

namespace heapscope::capture {

namespace {

// V8 aborts a process that adds one callback twice, and calls only the one that was added last.
std::atomic<bool> one_listens{false};

// The beginning of incremental marking frees nothing, and V8 asks nothing there.
constexpr auto kCollections =
    static_cast<v8::GCType>(v8::kGCTypeAll & ~v8::kGCTypeIncrementalMarking);

// A twin that hangs or crashes did so because of what other threads were at when it was forked.
constexpr uint32_t kTriesEach = 5;

// What the limit is raised by for another twin that is tried when the collection has ended: V8
// gives up inside it where it is not raised at all.
size_t RoomToComeOut(size_t extend_by) { return std::max(extend_by / 8, size_t{1} << 20); }

}  // namespace

NearLimit::NearLimit(Napi::Env env, Environment* environment, NearLimitPlan plan)
    : env_(env),
      environment_(environment),
      isolate_(environment->isolate()),
      plan_(std::move(plan)),
      platform_(twin::PlatformOf(isolate_)) {
  if (one_listens.exchange(true)) {
    throw graph::Error(graph::kErrorBusy,
                       "the heap's limit is watched already: dispose of that watch first");
  }
  isolate_->AddNearHeapLimitCallback(OnNearLimit, this);
  isolate_->AddGCPrologueCallback(OnCollectionBegin, this, kCollections);
  isolate_->AddGCEpilogueCallback(OnCollectionEnd, this, kCollections);
  napi_add_env_cleanup_hook(env_, OnCleanup, this);
}

NearLimit::~NearLimit() {
  if (hooked_) napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  End();
}

void NearLimit::OnCleanup(void* self) {
  auto* const watch = static_cast<NearLimit*>(self);
  watch->hooked_ = false;
  watch->End();
  watch->saver_.Join();
}

void NearLimit::End() {
  if (!std::exchange(listening_, false)) return;
  isolate_->RemoveNearHeapLimitCallback(OnNearLimit, initial_);
  isolate_->RemoveGCPrologueCallback(OnCollectionBegin, this);
  isolate_->RemoveGCEpilogueCallback(OnCollectionEnd, this);
  one_listens.store(false);
  saver_.Cancel();
}

size_t NearLimit::OnNearLimit(void* self, size_t current, size_t initial) {
  return static_cast<NearLimit*>(self)->OnNearLimit(current, initial);
}

size_t NearLimit::OnNearLimit(size_t current, size_t initial) {
  // The graph first: this is the end, or there is room again.
  GraphSaver::Outcome outcome = saver_.Wait();
  const bool raised = current > initial;
  if (raised && could_not_fork_) return current;
  could_not_fork_ = false;
  // Where this is the end, the next twin after an unlucky one is waited for in its place.
  while (outcome == GraphSaver::Outcome::kUnlucky && raised) {
    if (!ForkOrPostpone()) return current;
    if (postponed_) return current + RoomToComeOut(plan_.extend_by);
    outcome = saver_.Wait();
  }
  const bool cool = outcome == GraphSaver::Outcome::kUnlucky || last_ns_ == 0 ||
                    MonotonicNs() - last_ns_ >= plan_.cool_down_ns;
  const bool occupied =
      outcome == GraphSaver::Outcome::kAtWork || outcome == GraphSaver::Outcome::kUndead;
  if (occupied || !cool || saved() >= plan_.times || !ForkOrPostpone()) return current;
  initial_ = initial;
  isolate_->AutomaticallyRestoreInitialHeapLimit();
  return current + plan_.extend_by;
}

void NearLimit::OnCollectionBegin(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  ++static_cast<NearLimit*>(self)->collecting_;
}

void NearLimit::OnCollectionEnd(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  static_cast<NearLimit*>(self)->OnCollectionEnd();
}

void NearLimit::OnCollectionEnd() {
  if (collecting_ > 0) --collecting_;  // this watch may be younger than the collection
  if (collecting_ == 0 && std::exchange(postponed_, false)) could_not_fork_ = !Fork();
}

bool NearLimit::ForkOrPostpone() {
  if (collecting_ == 0) return Fork();
  return postponed_ = tries_ < kTriesEach * plan_.times;
}

bool NearLimit::Fork() {
  constexpr int kMoments = 20;
  constexpr uint64_t kForAnotherNs = 5'000'000'000;
  if (tries_ >= kTriesEach * plan_.times) return false;
  ++tries_;
  try {
    auto twin = twin::Twin::OpenInstead(isolate_, platform_, kForAnotherNs);
    if (!twin) {
      saver_.Fail("another twin was at work, and did not end");
      return false;
    }
    const std::vector<v8::Global<v8::Value>> none;
    twin::Twin::Job job;
    job.bounds = plan_.bounds;
    job.may_have_moved = true;
    job.park_ns = 500'000'000;
    job.spill_to = plan_.spill_to;
    job.report_bytes = TwinReportBytes(0, environment_->tracker());
    job.good_moment = [] { return true; };
    job.work = [&] { CaptureInTwin(env_, isolate_, environment_->tracker(), none, *twin); };
    for (int i = 0; i < kMoments; ++i) {
      twin->Survey();
      if (twin->Fork(job) != twin::Twin::Start::kForked) continue;
      const uint32_t number = saver_.saved() + 1;
      saver_.Start(twin, number == 1 ? plan_.path : plan_.path + "." + std::to_string(number));
      last_ns_ = MonotonicNs();
      return true;
    }
    saver_.Fail("there was no moment to fork the process");
  } catch (const std::exception& error) {
    saver_.Fail(error.what());
  }
  return false;
}

}  // namespace heapscope::capture
