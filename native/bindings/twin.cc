#include "bindings/bindings.h"
#include "bindings/graph_values.h"
#include "bindings/job.h"
#include "environment.h"

#ifdef __linux__
#include <utility>

#include "bindings/twin_plan.h"
#include "bindings/twin_wait.h"
#include "capture/twin_capture.h"
#include "owned.h"
#include "threads.h"
#include "twin/spill.h"
#include "twin/twin.h"
#include "v8_value.h"
#endif

namespace heapscope::bindings {

#ifdef __linux__

namespace {

using twin::Twin;

// A capture on its way, possibly by several twins one after the other. Script owns it; an
// environment that ends takes its twin with it.
class Session {
 public:
  Session(Napi::Env env, Environment* environment, std::shared_ptr<Twin> twin)
      : env_(env), environment_(environment), twin_(std::move(twin)) {
    // V8 tells of collections only who asks, and a fork keeps clear of them in every thread.
    environment_->AddMonitors(1);
    napi_add_env_cleanup_hook(env_, OnCleanup, this);
  }
  ~Session() { Close(); }
  Session(const Session&) = delete;

  const std::shared_ptr<Twin>& twin() const {
    if (!twin_) throw graph::Error(graph::kErrorReleased, "the capture has ended");
    return twin_;
  }

  void Close() {
    if (!twin_) return;
    napi_remove_env_cleanup_hook(env_, OnCleanup, this);
    LetGo();
    environment_->AddMonitors(-1);
  }

 private:
  // The environment takes its monitors off the list itself.
  static void OnCleanup(void* session) { static_cast<Session*>(session)->LetGo(); }

  // A twin that is at work ends soon.
  void LetGo() {
    twin_->Cancel();
    twin_.reset();
  }

  const Napi::Env env_;
  Environment* const environment_;
  std::shared_ptr<Twin> twin_;
};

Environment& EnvironmentOf(const Napi::CallbackInfo& info) {
  return *static_cast<Environment*>(info.Data());
}

Session& SessionOf(const Napi::Value& value) { return *value.As<Napi::External<Session>>().Data(); }

// openTwin(): session, or undefined where the process has a twin already
Napi::Value Open(const Napi::CallbackInfo& info) {
  return Guarded(info, [&]() -> Napi::Value {
    Environment& environment = EnvironmentOf(info);
    auto twin = Twin::Open(environment.isolate(), twin::PlatformOf(environment.isolate()));
    if (!twin) return info.Env().Undefined();
    return Owned(info.Env(), std::make_unique<Session>(info.Env(), &environment, std::move(twin)));
  });
}

// surveyTwin(session, done): job
Napi::Value Survey(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    return StartJob(
        info.Env(), info[1],
        [twin = SessionOf(info[0]).twin()](graph::Control& control) { twin->Survey(&control); },
        [](Napi::Env env) { return env.Undefined(); }, JobThread::kOfItsOwn);
  });
}

// Whether no other thread that is known to us is inside a collection.
bool NobodyCollects(const Environment* but) {
  for (const Threads::Entry& entry : Threads::OfProcess().List()) {
    if (entry.environment != but && entry.figures->collecting_since_ns.Get() != 0) return false;
  }
  return true;
}

// forkTwin(session, objects, plan, done): Twin::Start
Napi::Value Fork(const Napi::CallbackInfo& info) {
  return Guarded(info, [&]() -> Napi::Value {
    const std::shared_ptr<Twin>& twin = SessionOf(info[0]).twin();
    Environment& environment = EnvironmentOf(info);
    auto list = info[1].As<Napi::Array>();
    const TwinPlan plan(info[2]);
    // By weak handles: any other would hold them in the graph.
    std::vector<v8::Global<v8::Value>> objects;
    {
      const Napi::HandleScope scope(info.Env());
      for (uint32_t i = 0; i < list.Length(); ++i) {
        objects.emplace_back(environment.isolate(), ToV8<v8::Value>(list.Get(i)));
        objects.back().SetWeak();
      }
    }
    Twin::Job job;
    job.bounds = plan.bounds();
    job.park_ns = static_cast<uint64_t>(plan.number("parkMs") * 1e6);
    job.spill_to = plan.text("spillTo");
    job.report_bytes = capture::TwinReportBytes(objects.size(), environment.tracker());
    const bool any_moment = plan.flag("anyMoment");
    job.may_have_moved = any_moment;
    job.good_moment = [&] { return any_moment || NobodyCollects(&environment); };
    job.work = [&] {
      list.Set("length", 0.0);  // it must not show up as holding them
      capture::CaptureInTwin(info.Env(), environment.isolate(), environment.tracker(), objects,
                             *twin);
    };
    const Twin::Start start = twin->Fork(job);
    if (start == Twin::Start::kForked) {
      WaitForTwin(twin, info[3].As<Napi::Function>(), objects.size());
    }
    return Napi::Number::New(info.Env(), static_cast<double>(start));
  });
}

// twinProgress(session): [stage, done, total, pause ns of the last fork]
Napi::Value ProgressOf(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    Twin& twin = *SessionOf(info[0]).twin();
    const graph::Control& control = twin.report().control;
    return NumbersValue(
        info.Env(), {static_cast<double>(control.stage()), static_cast<double>(control.done()),
                     static_cast<double>(control.total()), static_cast<double>(twin.pause_ns())});
  });
}

// cancelTwin(session): the twin ends soon
Napi::Value CancelTwin(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    SessionOf(info[0]).twin()->Cancel();
    return info.Env().Undefined();
  });
}

// canSpill(): whether a twin may be told to
Napi::Value CanSpill(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), twin::CanSpill());
}

// closeTwin(session): another may be opened
void CloseTwin(const Napi::CallbackInfo& info) { SessionOf(info[0]).Close(); }

}  // namespace

void ExposeTwin(Napi::Object exports, Environment* environment) {
  const Exposing expose(exports, environment);
  expose("openTwin", Open);
  expose("surveyTwin", Survey);
  expose("forkTwin", Fork);
  expose("twinProgress", ProgressOf);
  expose("cancelTwin", CancelTwin);
  expose("closeTwin", CloseTwin);
  expose("canSpill", CanSpill);
}

#else

// Without a fork that copies what is mapped there is no twin.
void ExposeTwin(Napi::Object exports, Environment* environment) {
  const auto open = [](const Napi::CallbackInfo& info) {
    return Guarded(info, [&]() -> Napi::Value {
      throw graph::Error(graph::kErrorUnsupported, "a twin can be had on Linux only");
    });
  };
  const auto never = [](const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), false);
  };
  const Exposing expose(exports, environment);
  expose("openTwin", open);
  expose("watchHeapLimit", open);
  expose("canSpill", never);
}

#endif

}  // namespace heapscope::bindings
