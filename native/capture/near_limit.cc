#include "capture/near_limit.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/mapped_file.h"
#include "base/output_file.h"
#include "capture/twin_capture.h"
#include "graph/error.h"

namespace heapscope::capture {

namespace {

// V8 aborts a process that adds one callback twice, and calls only the one that was added last.
std::atomic<bool> one_listens{false};

const char* WhyNone(const twin::Ending& ending) {
  if (ending.signal == SIGALRM) return "its time was up";
  switch (ending.cause) {
    case twin::Ending::kHung:
      return "it stood still";
    case twin::Ending::kDeadline:
      return "its time was up";
    case twin::Ending::kMemory:
      return "it took more memory than it may";
    case twin::Ending::kCancelled:
      return "it was not wanted any more";
    default:
      return "it was ended";
  }
}

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
}

void NearLimit::End() {
  if (std::exchange(listening_, false)) {
    isolate_->RemoveNearHeapLimitCallback(OnNearLimit, initial_);
    one_listens.store(false);
  }
  if (twin_) twin_->Cancel();
  if (saver_.joinable()) saver_.join();
  twin_.reset();
}

std::string NearLimit::failure() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

void NearLimit::Fail(const std::string& why) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = why;
}

size_t NearLimit::OnNearLimit(void* self, size_t current, size_t initial) {
  return static_cast<NearLimit*>(self)->OnNearLimit(current, initial);
}

size_t NearLimit::OnNearLimit(size_t current, size_t initial) {
  if (saver_.joinable()) {  // the graph first: this is the end, or there is room again
    saver_.join();
    twin_.reset();
  }
  const uint64_t now = MonotonicNs();
  const bool cool = last_ns_ == 0 || now - last_ns_ >= plan_.cool_down_ns;
  if (forked_ < plan_.times && cool) {
    last_ns_ = now;
    ++forked_;
    if (Fork()) {
      initial_ = initial;
      isolate_->AutomaticallyRestoreInitialHeapLimit();
      return current + plan_.extend_by;
    }
  }
  return current;
}

bool NearLimit::Fork() {
  constexpr int kTries = 20;
  try {
    twin_ = twin::Twin::Open(isolate_, platform_);
    if (!twin_) {
      Fail("another twin was at work");
      return false;
    }
    const std::vector<v8::Global<v8::Value>> none;
    twin::Twin::Job job;
    job.bounds = plan_.bounds;
    job.late_bytes = size_t{256} << 20;
    job.park_ns = 500'000'000;
    job.spill_to = plan_.spill_to;
    job.report_bytes = TwinReportBytes(0, environment_->tracker());
    job.good_moment = [] { return true; };
    job.work = [&] { CaptureInTwin(env_, isolate_, environment_->tracker(), none, *twin_); };
    for (int i = 0; i < kTries; ++i) {
      twin_->Survey();
      if (twin_->Fork(job) != twin::Twin::Start::kForked) continue;
      SaveLater(forked_ == 1 ? plan_.path : plan_.path + "." + std::to_string(forked_));
      return true;
    }
    Fail("there was no moment to fork the process");
  } catch (const std::exception& error) {
    Fail(error.what());
  }
  twin_.reset();
  return false;
}

void NearLimit::SaveLater(const std::string& path) {
  try {
    saver_ = std::thread([this, path] { Save(path); });
  } catch (const std::system_error&) {  // no twin without somebody who waits for it
    twin_->Cancel();
    twin_->WaitForEnd();
    throw;
  }
}

void NearLimit::Save(const std::string& path) {
  const twin::Ending ending = twin_->WaitForEnd();
  const twin::Report& report = twin_->report();
  switch (report.state.load(std::memory_order_acquire)) {
    case twin::Report::kDone:
      break;
    case twin::Report::kFailed:
      return Fail(report.message);
    default:
      return Fail(std::string("the twin ended without a graph: ") + WhyNone(ending));
  }
  const auto graph = MappedFile::Of(twin_->result());
  OutputFile file(path);
  if (graph && file.Opened() && file.Write(graph->data(), graph->size()) && file.Finish()) {
    saved_.fetch_add(1);
  } else {
    Fail("cannot write " + path + ": " + std::strerror(errno));
  }
}

}  // namespace heapscope::capture
