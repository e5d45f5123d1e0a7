#include "bindings/bindings.h"
#include "bindings/graph_values.h"
#include "bindings/job.h"
#include "environment.h"

#ifdef __linux__
#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "base/mapped_file.h"
#include "capture/near_limit.h"
#include "capture/twin_capture.h"
#include "graph/storage.h"
#include "threads.h"
#include "twin/twin.h"
#include "v8_value.h"
#endif

namespace heapscope::bindings {

#ifdef __linux__

namespace {

using twin::Ending;
using twin::Followed;
using twin::Report;
using twin::Twin;

double Double(uint64_t value) { return static_cast<double>(value); }

// What came of one twin, from the thread that waited for it to the loop.
struct Outcome {
  Ending ending;
  GraphPointer graph;
  std::exception_ptr error;
};

// A capture on its way, possibly by several twins one after the other. Belongs to its environment:
// one that ends takes its twin with it.
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
    End();
    environment_->AddMonitors(-1);
  }

  // `done(error, result)` from the loop, once the twin that was just forked has ended.
  void WaitForEnd(const Napi::Value& done, size_t objects) {
    auto report =
        Napi::ThreadSafeFunction::New(env_, done.As<Napi::Function>(), "heapscope twin", 0, 1);
    const auto wait = [twin = twin_, report, objects]() mutable {
      auto* outcome = new Outcome(Wait(*twin, objects));
      const auto deliver = [twin](Napi::Env env, Napi::Function callback, Outcome* ended) {
        Deliver(env, callback, *twin, *ended);
        delete ended;
      };
      if (report.BlockingCall(outcome, deliver) != napi_ok) delete outcome;
      report.Release();
    };
    try {
      waiter_ = std::thread(wait);
    } catch (const std::system_error& error) {  // no twin without somebody who waits for it
      twin_->Cancel();
      twin_->WaitForEnd();
      report.Release();
      throw graph::Error(graph::kErrorUnsupported,
                         std::string("no thread can be had to watch a twin: ") + error.what());
    }
  }

  void Join() {
    if (waiter_.joinable()) waiter_.join();
  }

 private:
  static void OnCleanup(void* session) { static_cast<Session*>(session)->End(); }

  void End() {
    twin_->Cancel();
    Join();
    twin_.reset();
  }

  static Outcome Wait(Twin& twin, size_t objects) {
    Outcome outcome;
    try {
      outcome.ending = twin.WaitForEnd();
      outcome.ending.peak_bytes = std::max(outcome.ending.peak_bytes, twin.grown_bytes());
      if (twin.report().state.load(std::memory_order_acquire) == Report::kDone) {
        const auto* nodes = reinterpret_cast<const graph::Node*>(twin.behind_report());
        outcome.graph = std::make_shared<HeldGraph>(
            graph::Open(MappedFile::Of(twin.result()), "the twin's graph"),
            outcome.ending.peak_bytes, std::vector<graph::Node>(nodes, nodes + objects));
      }
    } catch (...) {
      outcome.error = std::current_exception();
    }
    return outcome;
  }

  static void Deliver(Napi::Env env, Napi::Function callback, Twin& twin, Outcome& outcome);

  const Napi::Env env_;
  Environment* const environment_;
  std::shared_ptr<Twin> twin_;
  std::thread waiter_;
};

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
  return Float64s(env, numbers);
}

void Session::Deliver(Napi::Env env, Napi::Function callback, Twin& twin, Outcome& outcome) {
  const Napi::HandleScope scope(env);
  if (outcome.error) {
    try {
      std::rethrow_exception(outcome.error);
    } catch (...) {
      callback.Call({CurrentError(env)});
    }
    return;
  }
  auto result = Napi::Object::New(env);
  const Ending& ending = outcome.ending;
  result.Set("cause", static_cast<double>(ending.cause));
  result.Set("signal", static_cast<double>(ending.signal));
  result.Set("exitCode", static_cast<double>(ending.exit_code));
  result.Set("peakBytes", Double(ending.peak_bytes));
  const Report& report = twin.report();
  result.Set("spilledBytes", Double(report.spilled_bytes.load()));
  if (report.state.load(std::memory_order_acquire) == Report::kFailed) {
    result.Set("code", report.code);
    result.Set("message", report.message);
  }
  if (outcome.graph) {
    const size_t objects = capture::TwinObjectBytes(outcome.graph->objects().size());
    result.Set("followed",
               FollowedValue(env, reinterpret_cast<const Followed*>(twin.behind_report() + objects),
                             report.followed.load()));
    result.Set("graph", GraphValue(env, std::move(outcome.graph)));
  }
  callback.Call({env.Undefined(), result});
}

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
    return Napi::External<Session>::New(info.Env(),
                                        new Session(info.Env(), &environment, std::move(twin)),
                                        [](Napi::BasicEnv, Session* session) { delete session; });
  });
}

// surveyTwin(session, done): job
Napi::Value Survey(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    return StartJob(
        info.Env(), info[1],
        [twin = SessionOf(info[0]).twin()](graph::Control&) { twin->Survey(); },
        [](Napi::Env env) { return env.Undefined(); });
  });
}

// Whether no other thread that is known to us is inside a collection.
bool NobodyCollects(const Environment* but) {
  for (const Threads::Entry& entry : Threads::OfProcess().List()) {
    if (entry.environment != but && entry.figures->collecting_since_ns.Get() != 0) return false;
  }
  return true;
}

// forkTwin(session, objects, memoryBytes, deadlineMs, lateBytes, parkMs, anyMoment, spillTo, done):
// Twin::Start
Napi::Value Fork(const Napi::CallbackInfo& info) {
  return Guarded(info, [&]() -> Napi::Value {
    Session& session = SessionOf(info[0]);
    Twin& twin = *session.twin();
    session.Join();
    Environment& environment = EnvironmentOf(info);
    auto list = info[1].As<Napi::Array>();
    const auto number = [&](size_t i) { return info[i].As<Napi::Number>().DoubleValue(); };
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
    job.bounds = {.deadline_ms = static_cast<uint64_t>(number(3)),
                  .memory_bytes = static_cast<uint64_t>(number(2))};
    job.late_bytes = static_cast<uint64_t>(number(4));
    job.park_ns = static_cast<uint64_t>(number(5) * 1e6);
    job.spill_to = info[7].As<Napi::String>().Utf8Value();
    job.report_bytes = capture::TwinReportBytes(objects.size(), environment.tracker());
    const bool any_moment = info[6].As<Napi::Boolean>().Value();
    job.good_moment = [&] { return any_moment || NobodyCollects(&environment); };
    job.work = [&] {
      list.Set("length", 0.0);  // it must not show up as holding them
      capture::CaptureInTwin(info.Env(), environment.isolate(), environment.tracker(), objects,
                             twin);
    };
    const Twin::Start start = twin.Fork(job);
    if (start == Twin::Start::kForked) session.WaitForEnd(info[8], objects.size());
    return Napi::Number::New(info.Env(), static_cast<double>(start));
  });
}

// twinProgress(session): [stage, done, total, pause ns of the last fork]
Napi::Value ProgressOf(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    Twin& twin = *SessionOf(info[0]).twin();
    const graph::Control& control = twin.report().control;
    return NumbersValue(info.Env(), {static_cast<double>(control.stage()), Double(control.done()),
                                     Double(control.total()), Double(twin.pause_ns())});
  });
}

// cancelTwin(session): the twin ends soon
Napi::Value CancelTwin(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    SessionOf(info[0]).twin()->Cancel();
    return info.Env().Undefined();
  });
}

// closeTwin(session): another may be opened
void CloseTwin(const Napi::CallbackInfo& info) { SessionOf(info[0]).Close(); }

// watchHeapLimit(path, extendBy, times, coolDownMs, memoryBytes, deadlineMs, spillTo): watch
Napi::Value WatchHeapLimit(const Napi::CallbackInfo& info) {
  return Guarded(info, [&]() -> Napi::Value {
    const auto number = [&](size_t i) { return info[i].As<Napi::Number>().DoubleValue(); };
    capture::NearLimitPlan plan{
        .path = info[0].As<Napi::String>().Utf8Value(),
        .extend_by = static_cast<size_t>(number(1)),
        .times = static_cast<uint32_t>(number(2)),
        .cool_down_ns = static_cast<uint64_t>(number(3) * 1e6),
        .bounds = {.deadline_ms = static_cast<uint64_t>(number(5)),
                   .memory_bytes = static_cast<uint64_t>(number(4))},
        .spill_to = info[6].As<Napi::String>().Utf8Value(),
    };
    auto* held = new std::unique_ptr<capture::NearLimit>(
        new capture::NearLimit(info.Env(), &EnvironmentOf(info), std::move(plan)));
    return Napi::External<std::unique_ptr<capture::NearLimit>>::New(
        info.Env(), held,
        [](Napi::BasicEnv, std::unique_ptr<capture::NearLimit>* watch) { delete watch; });
  });
}

std::unique_ptr<capture::NearLimit>& NearLimitOf(const Napi::Value& value) {
  return *value.As<Napi::External<std::unique_ptr<capture::NearLimit>>>().Data();
}

// heapLimitWatch(watch): { saved, failure }
Napi::Value HeapLimitWatch(const Napi::CallbackInfo& info) {
  const auto& watch = NearLimitOf(info[0]);
  auto result = Napi::Object::New(info.Env());
  result.Set("saved", watch ? watch->saved() : 0);
  result.Set("failure", watch ? watch->failure() : std::string());
  return result;
}

// closeHeapLimitWatch(watch)
void CloseHeapLimitWatch(const Napi::CallbackInfo& info) { NearLimitOf(info[0]).reset(); }

}  // namespace

void ExposeTwin(Napi::Object exports, Environment* environment) {
  const auto expose = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(exports.Env(), function, name, environment));
  };
  expose("openTwin", Open);
  expose("surveyTwin", Survey);
  expose("forkTwin", Fork);
  expose("twinProgress", ProgressOf);
  expose("cancelTwin", CancelTwin);
  expose("closeTwin", CloseTwin);
  expose("watchHeapLimit", WatchHeapLimit);
  expose("heapLimitWatch", HeapLimitWatch);
  expose("closeHeapLimitWatch", CloseHeapLimitWatch);
}

#else

// Without a fork that copies threads' memory there is no twin.
void ExposeTwin(Napi::Object exports, Environment* environment) {
  const auto open = [](const Napi::CallbackInfo& info) {
    return Guarded(info, [&]() -> Napi::Value {
      throw graph::Error(graph::kErrorUnsupported, "a twin can be had on Linux only");
    });
  };
  for (const char* name : {"openTwin", "watchHeapLimit"}) {
    exports.Set(name, Napi::Function::New(exports.Env(), open, name, environment));
  }
}

#endif

}  // namespace heapscope::bindings
