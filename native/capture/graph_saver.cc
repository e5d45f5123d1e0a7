#include "capture/graph_saver.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/mapped_file.h"
#include "base/output_file.h"
#include "capture/abort_hold.h"

namespace heapscope::capture {

namespace {

// For the graph to reach the disk, after the twin's deadline.
constexpr uint64_t kToWriteNs = 10'000'000'000;
constexpr uint64_t kForeverNs = 1'000'000'000ull * 86'400 * 365;

const char* WhyNone(const twin::Ending& ending) {
  if (ending.undead) return "the twin ended without a graph: it was killed, and waits for a disk";
  if (ending.signal == SIGALRM) return "the twin ended without a graph: its time was up";
  switch (ending.cause) {
    case twin::Ending::kHung:
      return "the twin ended without a graph: it stood still";
    case twin::Ending::kDeadline:
      return "the twin ended without a graph: its time was up";
    case twin::Ending::kMemory:
      return "the twin ended without a graph: it took more memory than it may";
    case twin::Ending::kCancelled:
      return "the twin ended without a graph: it was not wanted any more";
    default:
      return "the twin ended without a graph: it was ended";
  }
}

// As `mayGoBetterNextTime` of lib/graph/twin.ts, which the event loop would have to run.
bool MayGoBetterNextTime(const twin::Ending& ending) {
  if (ending.cause == twin::Ending::kHung) return true;
  return ending.cause == twin::Ending::kByItself && ending.signal != SIGKILL &&
         ending.signal != SIGALRM;
}

}  // namespace

void GraphSaver::Start(std::shared_ptr<twin::Twin> twin, std::string path) {
  Join();
  const uint64_t deadline_ms = twin->bounds().deadline_ms;
  until_ns_ =
      MonotonicNs() + (deadline_ms == 0 ? kForeverNs : deadline_ms * 1'000'000 + kToWriteNs);
  twin_ = twin;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    outcome_ = Outcome::kAtWork;
    failure_[0] = 0;
  }
  try {
    auto hold = std::make_unique<const AbortHold>(until_ns_);
    thread_ = std::thread([this, twin, path = std::move(path), hold = std::move(hold)]() mutable {
      Run(std::move(twin), path);
      hold.reset();
    });
  } catch (const std::exception&) {  // no twin without somebody who waits for it
    twin->Cancel();
    twin->WaitForEnd();
    const std::lock_guard<std::mutex> lock(mutex_);
    outcome_ = Outcome::kFailed;
    throw;
  }
}

void GraphSaver::Run(std::shared_ptr<twin::Twin> twin, const std::string& path) noexcept {
  const Outcome outcome = Save(*twin, path);
  twin.reset();  // whoever hears of the end may want the next one
  const std::lock_guard<std::mutex> lock(mutex_);
  outcome_ = outcome;
  if (outcome == Outcome::kSaved) saved_.fetch_add(1);
  ended_.notify_all();
}

GraphSaver::Outcome GraphSaver::Save(twin::Twin& twin, const std::string& path) noexcept try {
  const twin::Ending ending = twin.WaitForEnd();
  const twin::Report& report = twin.report();
  switch (report.state.load(std::memory_order_acquire)) {
    case twin::Report::kDone:
      break;
    case twin::Report::kFailed:
      Fail(report.message);
      return std::strcmp(report.code, graph::kErrorTwin) == 0 ? Outcome::kUnlucky
                                                              : Outcome::kFailed;
    default:
      Fail(WhyNone(ending));
      if (ending.undead) return Outcome::kUndead;
      return MayGoBetterNextTime(ending) ? Outcome::kUnlucky : Outcome::kFailed;
  }
  const auto graph = MappedFile::Of(twin.result());
  OutputFile file(path);
  if (graph && file.Opened() && file.Write(graph->data(), graph->size()) && file.Finish()) {
    return Outcome::kSaved;
  }
  const std::string reason = std::strerror(errno);
  Fail(("cannot write " + path + ": " + reason).c_str());
  return Outcome::kFailed;
} catch (const std::exception& error) {
  Fail(error.what());
  return Outcome::kFailed;
} catch (...) {
  Fail("the graph could not be saved");
  return Outcome::kFailed;
}

GraphSaver::Outcome GraphSaver::Wait() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto until = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(until_ns_));
  ended_.wait_until(lock, until, [&] { return outcome_ != Outcome::kAtWork; });
  return outcome_;
}

GraphSaver::Outcome GraphSaver::outcome() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return outcome_;
}

void GraphSaver::Cancel() {
  if (const auto twin = twin_.lock()) twin->Cancel();
}

void GraphSaver::Join() {
  if (thread_.joinable()) thread_.join();
}

std::string GraphSaver::failure() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

void GraphSaver::Fail(const char* why) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::strncpy(failure_, why, sizeof(failure_) - 1);
}

}  // namespace heapscope::capture
