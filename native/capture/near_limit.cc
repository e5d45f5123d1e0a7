#include "capture/near_limit.h"

#include <atomic>
#include <exception>
#include <utility>

#include "base/clock.h"
#include "capture/twin_capture.h"
#include "graph/error.h"

namespace heapscope::capture {

namespace {

// V8 aborts a process that adds one callback twice, and calls only the one that was added last.
std::atomic<NearLimit*> the_one{nullptr};

// Those inside which the limit is looked at.
constexpr auto kCollections = static_cast<v8::GCType>(
    v8::kGCTypeAll & ~v8::kGCTypeIncrementalMarking & ~v8::kGCTypeProcessWeakCallbacks);

// A twin that hangs or crashes did so because of what other threads were at when it was forked.
constexpr uint32_t kTriesEach = 5;

// Of what the limit is raised by: enough to come from a collection back to script.
constexpr size_t kPartToComeOut = 8;

}  // namespace

NearLimit::NearLimit(Napi::Env env, Environment* environment, NearLimitPlan plan)
    : env_(env),
      environment_(environment),
      isolate_(environment->isolate()),
      plan_(std::move(plan)),
      platform_(twin::PlatformOf(isolate_)) {
  NearLimit* none = nullptr;
  if (!the_one.compare_exchange_strong(none, this)) {
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
  the_one.store(nullptr);
  saver_.Cancel();
}

size_t NearLimit::OnNearLimit(void* self, size_t current, size_t initial) {
  return static_cast<NearLimit*>(self)->OnNearLimit(current, initial);
}

size_t NearLimit::OnNearLimit(size_t current, size_t initial) {
  // The graph first: this is the end, or there is room again.
  GraphSaver::Outcome outcome = saver_.Wait();
  const auto is_owed = [&] { return postponed_ || outcome == GraphSaver::Outcome::kUnlucky; };
  if (current > initial && is_owed()) {
    if (collecting_) return Postpone() ? current + plan_.extend_by / kPartToComeOut : current;
    // This is the end: the next twin after an unlucky one is waited for in its place.
    while (is_owed() && Fork()) outcome = saver_.Wait();
  }
  const bool cool = outcome == GraphSaver::Outcome::kUnlucky || last_ns_ == 0 ||
                    MonotonicNs() - last_ns_ >= plan_.cool_down_ns;
  const bool occupied =
      outcome == GraphSaver::Outcome::kAtWork || outcome == GraphSaver::Outcome::kUndead;
  if (occupied || !cool || saved() >= plan_.times || !ForkNowOrLater()) return current;
  initial_ = initial;
  isolate_->AutomaticallyRestoreInitialHeapLimit();
  return current + plan_.extend_by;
}

void NearLimit::OnCollectionBegin(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  static_cast<NearLimit*>(self)->collecting_ = true;
}

void NearLimit::OnCollectionEnd(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  static_cast<NearLimit*>(self)->collecting_ = false;
}

bool NearLimit::Postpone() {
  if (++postponements_ > kTriesEach * plan_.times) {
    saver_.Fail("script never came out of the collections to fork the process");
    return false;
  }
  if (!std::exchange(postponed_, true)) isolate_->RequestInterrupt(OnInterrupt, nullptr);
  return true;
}

// Of the watch that asked, or of a later one, or there is none any more.
void NearLimit::OnInterrupt(v8::Isolate* isolate, void*) {
  NearLimit* const watch = the_one.load();
  if (watch && watch->isolate_ == isolate && watch->postponed_) watch->Fork();
}

bool NearLimit::Fork() {
  constexpr int kMoments = 20;
  constexpr uint64_t kForAnotherNs = 5'000'000'000;
  postponed_ = false;
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
