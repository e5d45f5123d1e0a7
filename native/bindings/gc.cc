#include "bindings/bindings.h"

#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "base/process_facts.h"
#include "bindings/histogram_value.h"
#include "environment.h"
#include "gc/gc_function.h"
#include "threads.h"
#include "v8_value.h"

namespace heapscope::bindings {

namespace {

using gc::Event;
using gc::Figures;
using gc::KindFigures;
using gc::kKinds;

Environment& EnvironmentOf(const Napi::CallbackInfo& info) {
  return *static_cast<Environment*>(info.Data());
}

// Reads a block that another thread may be writing. A thread that was stopped in the middle of a
// write has figures that are one collection apart at worst; they are given as they are.
template <typename F>
void ReadConsistently(const Figures& figures, F&& read) {
  if (!figures.sequence.Read(read)) read();
}

// Per kind: count, total ns, max ns, reclaimed bytes.
Napi::Value TotalsValue(Napi::Env env, const Figures& figures) {
  double values[kKinds * 4];
  ReadConsistently(figures, [&] {
    double* out = values;
    for (const KindFigures& kind : figures.kinds) {
      *out++ = static_cast<double>(kind.pauses.count());
      *out++ = kind.pauses.sum();
      *out++ = static_cast<double>(kind.pauses.max());
      *out++ = static_cast<double>(kind.reclaimed_bytes.Get());
    }
  });
  return Float64s(env, values);
}

// gcTotals(): Float64Array
Napi::Value Totals(const Napi::CallbackInfo& info) {
  return TotalsValue(info.Env(), *EnvironmentOf(info).collections().figures());
}

// gcHistogram(kind): sparse histogram
Napi::Value PausesOf(const Napi::CallbackInfo& info) {
  const Figures& figures = *EnvironmentOf(info).collections().figures();
  return HistogramValue(info.Env(), figures.kinds[info[0].As<Napi::Number>().Uint32Value()].pauses);
}

// gcEventsWritten(): number
Napi::Value EventsWritten(const Napi::CallbackInfo& info) {
  const Figures& figures = *EnvironmentOf(info).collections().figures();
  return Napi::Number::New(info.Env(), static_cast<double>(figures.events_written.Get()));
}

// gcEvents(from): [first index, then per event: kind, forced, start ns, duration ns, used before,
// young before, used after, young after]. The first index is above `from` where the record has
// moved on.
Napi::Value Events(const Napi::CallbackInfo& info) {
  const Figures& figures = *EnvironmentOf(info).collections().figures();
  const auto from = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
  const uint64_t end = figures.events_written.Get();
  const uint64_t kept = end > Figures::kEventCapacity ? end - Figures::kEventCapacity : 0;
  const uint64_t first = std::min(end, std::max(from, kept));
  std::vector<double> values{static_cast<double>(first)};
  values.reserve(1 + (end - first) * 8);
  for (uint64_t i = first; i < end; ++i) {
    const Event event = figures.EventAt(i);
    values.insert(values.end(),
                  {static_cast<double>(event.kind), static_cast<double>(event.forced),
                   static_cast<double>(event.start_ns), static_cast<double>(event.duration_ns),
                   static_cast<double>(event.before.used), static_cast<double>(event.before.young),
                   static_cast<double>(event.after.used), static_cast<double>(event.after.young)});
  }
  return Float64s(info.Env(), values);
}

// gcThreads(): { threadId, osThreadId, totals, stoppedNs, watchedSinceNs, collectingSinceNs }[]
Napi::Value ThreadsValue(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto result = Napi::Array::New(env);
  for (const Threads::Entry& entry : Threads::OfProcess().List()) {
    auto row = Napi::Object::New(env);
    row.Set("threadId", static_cast<double>(entry.thread_id));
    row.Set("osThreadId", static_cast<double>(entry.os_thread));
    row.Set("totals", TotalsValue(env, *entry.figures));
    row.Set("stoppedNs", static_cast<double>(entry.figures->stopped_ns.Get()));
    row.Set("watchedSinceNs", static_cast<double>(entry.figures->watched_since_ns.Get()));
    row.Set("collectingSinceNs", static_cast<double>(entry.figures->collecting_since_ns.Get()));
    result[result.Length()] = row;
  }
  return result;
}

// addGcMonitors(delta)
void AddMonitors(const Napi::CallbackInfo& info) {
  EnvironmentOf(info).AddMonitors(info[0].As<Napi::Number>().Int32Value());
}

// gcFunction(): V8's gc, or undefined where it cannot be had
Napi::Value GcFunctionValue(const Napi::CallbackInfo& info) {
  v8::Local<v8::Function> collector;
  if (!gc::GcFunction(EnvironmentOf(info).isolate()).ToLocal(&collector)) {
    return info.Env().Undefined();
  }
  return FromV8(info.Env(), collector);
}

// gcOwnCostNs(): number
Napi::Value OwnCostNs(const Napi::CallbackInfo& info) {
  const Figures& figures = *EnvironmentOf(info).collections().figures();
  return Napi::Number::New(info.Env(), static_cast<double>(figures.own_cost_ns.Get()));
}

// nowNs(): the clock of the events
Napi::Value NowNs(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(MonotonicNs()));
}

// mallocFacts(): [in use, free but retained, mapped] or undefined
Napi::Value MallocFactsValue(const Napi::CallbackInfo& info) {
  const auto facts = ReadMallocFacts();
  if (!facts) return info.Env().Undefined();
  const double values[] = {static_cast<double>(facts->in_use),
                           static_cast<double>(facts->free_retained),
                           static_cast<double>(facts->mapped)};
  return Float64s(info.Env(), values);
}

}  // namespace

void ExposeGc(Napi::Object exports, Environment* environment) {
  const Exposing expose(exports, environment);
  expose("gcTotals", Totals);
  expose("gcHistogram", PausesOf);
  expose("gcEventsWritten", EventsWritten);
  expose("gcEvents", Events);
  expose("gcThreads", ThreadsValue);
  expose("addGcMonitors", AddMonitors);
  expose("gcFunction", GcFunctionValue);
  expose("gcOwnCostNs", OwnCostNs);
  expose("nowNs", NowNs);
  expose("mallocFacts", MallocFactsValue);
}

}  // namespace heapscope::bindings
