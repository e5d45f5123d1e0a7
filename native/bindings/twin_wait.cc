#include "bindings/twin_wait.h"

#include <uv.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/mapped_file.h"
#include "bindings/graph_values.h"
#include "capture/twin_capture.h"
#include "graph/storage.h"
#include "loop_call.h"

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

// Belongs to the loop, and deletes itself when it is done. As of a job (job.cc), with a thread in
// the place of the pool.
class Waiting {
 public:
  Waiting(std::shared_ptr<Twin> twin, const Napi::Function& done, size_t objects)
      : env_(done.Env()),
        done_(Napi::Persistent(done)),
        context_(std::in_place, env_, "heapscope"),
        twin_(std::move(twin)),
        objects_(objects) {}

  void Start() {
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(env_, &loop);
    uv_async_init(loop, &ended_, OnEnded);
    ended_.data = this;
    napi_add_async_cleanup_hook(env_, OnCleanup, this, &hook_);
    try {
      thread_ = std::thread([this] {
        Wait();
        uv_async_send(&ended_);
      });
    } catch (const std::system_error& error) {
      twin_->Cancel();
      twin_->WaitForEnd();
      Close();
      throw graph::Error(graph::kErrorUnsupported,
                         std::string("no thread can be had to watch a twin: ") + error.what());
    }
  }

 private:
  void Wait() {
    try {
      ending_ = twin_->WaitForEnd();
      ending_.peak_bytes = std::max(ending_.peak_bytes, twin_->grown_bytes());
      if (twin_->report().state.load(std::memory_order_acquire) != Report::kDone) return;
      const auto* nodes = reinterpret_cast<const graph::Node*>(twin_->behind_report());
      graph_ = std::make_shared<HeldGraph>(
          graph::Open(MappedFile::Of(twin_->result()), "the twin's graph"), ending_.peak_bytes,
          std::vector<graph::Node>(nodes, nodes + objects_));
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  static void OnEnded(uv_async_t* handle) {
    auto* const self = static_cast<Waiting*>(handle->data);
    self->thread_.join();
    if (self->context_) self->Deliver();
    self->Close();
  }

  void Deliver() {
    const Napi::HandleScope scope(env_);
    Napi::Value error = env_.Undefined(), result = env_.Undefined();
    try {
      if (error_) std::rethrow_exception(error_);
      result = EndValue();
    } catch (...) {
      error = CurrentError(env_);
    }
    // Node-API's own failures do not come as exceptions of C++.
    if (env_.IsExceptionPending()) error = env_.GetAndClearPendingException().Value();
    twin_.reset();  // script may want the next one
    CallFromLoop(env_, *context_, done_.Value(), {error, result});
  }

  Napi::Value EndValue() {
    auto result = Napi::Object::New(env_);
    const Report& report = twin_->report();
    result.Set("cause", static_cast<double>(ending_.cause));
    result.Set("signal", static_cast<double>(ending_.signal));
    result.Set("exitCode", static_cast<double>(ending_.exit_code));
    result.Set("peakBytes", Double(ending_.peak_bytes));
    result.Set("spilledBytes", Double(report.spilled_bytes.load()));
    if (report.state.load(std::memory_order_acquire) == Report::kFailed) {
      result.Set("code", report.code);
      result.Set("message", report.message);
    }
    if (graph_) {
      const auto* const followed = reinterpret_cast<const Followed*>(
          twin_->behind_report() + capture::TwinObjectBytes(objects_));
      result.Set("followed", FollowedValue(env_, followed, report.followed.load()));
      result.Set("graph", GraphValue(env_, std::move(graph_)));
    }
    return result;
  }

  // The environment has its Node-API for the last time; OnEnded follows, and Node waits for that.
  static void OnCleanup(napi_async_cleanup_hook_handle, void* data) {
    auto* const self = static_cast<Waiting*>(data);
    self->twin_->Cancel();
    self->done_.Reset();
    self->context_.reset();
  }

  void Close() {
    twin_.reset();
    uv_close(reinterpret_cast<uv_handle_t*>(&ended_), [](uv_handle_t* handle) {
      auto* const self = static_cast<Waiting*>(handle->data);
      const napi_async_cleanup_hook_handle hook = self->hook_;
      delete self;
      napi_remove_async_cleanup_hook(hook);
    });
  }

  const Napi::Env env_;
  Napi::FunctionReference done_;
  std::optional<Napi::AsyncContext> context_;  // none once the environment is ending
  std::shared_ptr<Twin> twin_;
  const size_t objects_;
  Ending ending_;
  GraphPointer graph_;
  std::exception_ptr error_;
  std::thread thread_;
  uv_async_t ended_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

}  // namespace

void WaitForTwin(std::shared_ptr<Twin> twin, const Napi::Function& done, size_t objects) {
  (new Waiting(std::move(twin), done, objects))->Start();
}

}  // namespace heapscope
