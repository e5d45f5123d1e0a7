#include "bindings/twin_wait.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/mapped_file.h"
#include "bindings/graph_values.h"
#include "bindings/job.h"
#include "capture/twin_capture.h"
#include "graph/storage.h"

namespace heapscope {

using twin::Ending;
using twin::Followed;
using twin::Report;
using twin::Twin;

namespace {

double Double(uint64_t value) { return static_cast<double>(value); }

// Per followed instance: class index, id, born ms, site, node.
Napi::Value FollowedValue(Napi::Env env, const Followed* followed, size_t count) {
  std::vector<double> numbers;
  numbers.reserve(count * 5);
  for (size_t i = 0; i < count; ++i) {
    const Followed& one = followed[i];
    numbers.insert(numbers.end(),
                   {static_cast<double>(one.class_index), Double(one.id), Double(one.born_ms),
                    static_cast<double>(one.site), static_cast<double>(one.node)});
  }
  return NumbersValue(env, numbers);
}

// What comes of a twin: by one thread, then by another.
class Harvest {
 public:
  Harvest(std::shared_ptr<Twin> twin, size_t objects) : twin_(std::move(twin)), objects_(objects) {}

  void Wait() {
    ending_ = twin_->WaitForEnd();
    ending_.peak_bytes = std::max(ending_.peak_bytes, twin_->grown_bytes());
    if (twin_->report().state.load(std::memory_order_acquire) != Report::kDone) return;
    const auto* nodes = reinterpret_cast<const graph::Node*>(twin_->behind_report());
    graph_ = std::make_shared<HeldGraph>(
        graph::Open(MappedFile::Of(twin_->result()), "the twin's graph"), ending_.peak_bytes,
        std::vector<graph::Node>(nodes, nodes + objects_));
  }

  Napi::Value Value(Napi::Env env) {
    auto result = Napi::Object::New(env);
    const Report& report = twin_->report();
    result.Set("cause", static_cast<double>(ending_.cause));
    result.Set("signal", static_cast<double>(ending_.signal));
    result.Set("exitCode", static_cast<double>(ending_.exit_code));
    result.Set("peakBytes", Double(ending_.peak_bytes));
    result.Set("undead", ending_.undead);
    result.Set("spilledBytes", Double(report.spilled_bytes.load()));
    if (report.state.load(std::memory_order_acquire) == Report::kFailed) {
      result.Set("code", report.code);
      result.Set("message", report.message);
    }
    if (graph_) {
      const auto* const followed = reinterpret_cast<const Followed*>(
          twin_->behind_report() + capture::TwinObjectBytes(objects_));
      result.Set("followed", FollowedValue(env, followed, report.followed.load()));
      result.Set("graph", GraphValue(env, std::move(graph_)));
    }
    return result;
  }

 private:
  const std::shared_ptr<Twin> twin_;
  const size_t objects_;
  Ending ending_;
  GraphPointer graph_;
};

}  // namespace

void WaitForTwin(const std::shared_ptr<Twin>& twin, const Napi::Function& done, size_t objects) {
  const auto harvest = std::make_shared<Harvest>(twin, objects);
  try {
    StartJob(
        done.Env(), done, [harvest](graph::Control&) { harvest->Wait(); },
        [harvest](Napi::Env env) { return harvest->Value(env); }, JobThread::kOfItsOwn);
  } catch (...) {
    twin->Cancel();
    twin->WaitForEnd();
    throw;
  }
}

}  // namespace heapscope
