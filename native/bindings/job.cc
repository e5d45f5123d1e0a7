#include "bindings/job.h"

#include <uv.h>

#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "bindings/graph_values.h"
#include "loop_call.h"
#include "owned.h"

namespace heapscope {

namespace {

// Not Napi::AsyncWorker: Node waits for such work to its end before it says that an environment is
// ending, so that a terminated worker would have to wait for the longest analysis.
class Job {
 public:
  Job(const Napi::Function& done, ControlPointer control, std::function<void(graph::Control&)> work,
      std::function<Napi::Value(Napi::Env)> deliver)
      : env_(done.Env()),
        done_(Napi::Persistent(done)),
        context_(std::in_place, env_, "heapscope"),
        control_(std::move(control)),
        work_(std::move(work)),
        deliver_(std::move(deliver)) {}

  // Deletes itself when it is done, and where it throws.
  void Start(JobThread thread) {
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(env_, &loop);
    napi_add_async_cleanup_hook(env_, OnCleanup, this, &hook_);
    if (thread == JobThread::kOfPool) {
      request_.data = this;
      uv_queue_work(loop, &request_, OnWork, OnDone);
    } else {
      StartThread(loop);
    }
  }

 private:
  void StartThread(uv_loop_t* loop) {
    ended_.data = this;
    uv_async_init(loop, &ended_, OnThreadDone);
    try {
      thread_ = std::thread([this] {
        Work();
        uv_async_send(&ended_);
      });
    } catch (const std::system_error& error) {
      work_ = nullptr;  // what they hold is free at once, not only in the loop's next turn
      deliver_ = nullptr;
      Close();
      throw graph::Error(graph::kErrorMemory, std::string("no thread can be had: ") + error.what());
    }
  }

  static void OnWork(uv_work_t* request) { static_cast<Job*>(request->data)->Work(); }

  void Work() {
    try {
      // Even where it is cancelled already: who waits for a process must take it from the kernel.
      control_->NoteMemory();
      work_(*control_);
      control_->Begin(graph::Stage::kDone, 0);
    } catch (...) {
      error_ = std::current_exception();
    }
    work_ = nullptr;  // what it held goes here, off the main thread
  }

  static void OnDone(uv_work_t* request, int) {
    auto* const job = static_cast<Job*>(request->data);
    if (job->context_) job->Deliver();
    job->Delete();
  }

  static void OnThreadDone(uv_async_t* handle) {
    auto* const job = static_cast<Job*>(handle->data);
    job->thread_.join();
    if (job->context_) job->Deliver();
    job->Close();
  }

  void Close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&ended_),
             [](uv_handle_t* handle) { static_cast<Job*>(handle->data)->Delete(); });
  }

  void Delete() {
    const napi_async_cleanup_hook_handle hook = hook_;
    delete this;
    napi_remove_async_cleanup_hook(hook);
  }

  void Deliver() {
    const Napi::HandleScope scope(env_);
    Napi::Value error = env_.Undefined(), result = env_.Undefined();
    try {
      if (error_) std::rethrow_exception(error_);
      result = deliver_(env_);
    } catch (...) {
      error = CurrentError(env_);
    }
    // Node-API's own failures do not come as exceptions of C++.
    if (env_.IsExceptionPending()) error = env_.GetAndClearPendingException().Value();
    if (result.IsEmpty()) result = env_.Undefined();
    deliver_ = nullptr;  // script may want anew what it held
    CallFromLoop(env_, *context_, done_.Value(), {error, result});
  }

  // The environment has its Node-API for the last time; the end follows, and Node waits for that.
  static void OnCleanup(napi_async_cleanup_hook_handle, void* data) {
    auto* job = static_cast<Job*>(data);
    job->control_->Cancel();
    if (job->request_.data != nullptr) uv_cancel(reinterpret_cast<uv_req_t*>(&job->request_));
    job->done_.Reset();
    job->context_.reset();
  }

  const Napi::Env env_;
  Napi::FunctionReference done_;
  std::optional<Napi::AsyncContext> context_;  // none once the environment is ending
  const ControlPointer control_;
  std::function<void(graph::Control&)> work_;
  std::function<Napi::Value(Napi::Env)> deliver_;
  std::exception_ptr error_;
  uv_work_t request_{};  // of the pool, or
  std::thread thread_;
  uv_async_t ended_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

}  // namespace

Napi::Value StartJob(Napi::Env env, const Napi::Value& done,
                     std::function<void(graph::Control&)> work,
                     std::function<Napi::Value(Napi::Env)> deliver, JobThread thread) {
  auto control = std::make_shared<graph::Control>();
  (new Job(done.As<Napi::Function>(), control, std::move(work), std::move(deliver)))->Start(thread);
  return Owned(env, std::make_unique<ControlPointer>(std::move(control)));
}

graph::Control& ControlOf(const Napi::Value& job) {
  return **job.As<Napi::External<ControlPointer>>().Data();
}

}  // namespace heapscope
