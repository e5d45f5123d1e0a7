#include "bindings/job.h"

#include <exception>
#include <utility>

#include "bindings/graph_values.h"

namespace heapscope {

namespace {

class Job final : public Napi::AsyncWorker {
 public:
  Job(const Napi::Function& done, ControlPointer control, std::function<void(graph::Control&)> work,
      std::function<Napi::Value(Napi::Env)> deliver)
      : AsyncWorker(done, "heapscope"),
        control_(std::move(control)),
        work_(std::move(work)),
        deliver_(std::move(deliver)) {
    napi_add_env_cleanup_hook(Env(), Cancel, control_.get());
  }
  ~Job() override { napi_remove_env_cleanup_hook(Env(), Cancel, control_.get()); }

  void Execute() override {
    try {
      control_->At(0);
      work_(*control_);
      control_->Begin(graph::Stage::kDone, 0);
    } catch (...) {
      error_ = std::current_exception();
    }
    work_ = nullptr;  // what it held goes here, off the main thread
  }

  void OnOK() override {
    const Napi::Env env = Env();
    const Napi::HandleScope scope(env);
    if (error_) {
      try {
        std::rethrow_exception(error_);
      } catch (...) {
        Callback().Call({CurrentError(env)});
      }
      return;
    }
    Callback().Call({env.Undefined(), deliver_(env)});
  }

 private:
  static void Cancel(void* control) { static_cast<graph::Control*>(control)->Cancel(); }

  const ControlPointer control_;
  std::function<void(graph::Control&)> work_;
  const std::function<Napi::Value(Napi::Env)> deliver_;
  std::exception_ptr error_;
};

}  // namespace

Napi::Value StartJob(Napi::Env env, const Napi::Value& done,
                     std::function<void(graph::Control&)> work,
                     std::function<Napi::Value(Napi::Env)> deliver) {
  auto control = std::make_shared<graph::Control>();
  auto* job = new Job(done.As<Napi::Function>(), control, std::move(work), std::move(deliver));
  job->Queue();
  return Napi::External<ControlPointer>::New(
      env, new ControlPointer(std::move(control)),
      [](Napi::BasicEnv, ControlPointer* pointer) { delete pointer; });
}

graph::Control& ControlOf(const Napi::Value& job) {
  return **job.As<Napi::External<ControlPointer>>().Data();
}

}  // namespace heapscope
