#include "bindings/bindings.h"

#include <vector>

#include "base/clock.h"
#include "bindings/histogram_value.h"
#include "bindings/plain_function.h"
#include "environment.h"
#include "v8_value.h"

namespace heapscope::bindings {

namespace {

using tracking::Instance;
using tracking::Slab;
using tracking::Slot;
using tracking::TrackedClass;
using tracking::Tracker;
using tracking::Unclosed;
using tracking::UnclosedQueue;

Tracker& TrackerOf(const Napi::CallbackInfo& info) {
  return static_cast<Environment*>(info.Data())->tracker();
}

TrackedClass& ClassOf(const Napi::CallbackInfo& info) {
  return TrackerOf(info)[info[0].As<Napi::Number>().Uint32Value()];
}

TrackedClass::Options OptionsFrom(const Napi::CallbackInfo& info) {
  return {.handles = info[1].As<Napi::Number>().Uint32Value(),
          .least_level = info[2].As<Napi::Number>().Uint32Value(),
          .closable = info[3].As<Napi::Boolean>().Value()};
}

// The one call on the path of a construction.
void Follow(const v8::FunctionCallbackInfo<v8::Value>& info) {
  info.GetReturnValue().Set(PointerOf<TrackedClass>(info)->Follow(info[0].As<v8::Object>()));
}

// addClass(cells, handles, leastLevel, closable): [index, follow]
Napi::Value AddClass(const Napi::CallbackInfo& info) {
  auto* environment = static_cast<Environment*>(info.Data());
  Tracker& tracker = environment->tracker();
  const uint32_t index = tracker.size();
  auto cells = ToV8<v8::Float64Array>(info[0])->Buffer()->GetBackingStore();
  TrackedClass& tracked = tracker.Add(std::move(cells), OptionsFrom(info));
  environment->SyncCollections();

  v8::Local<v8::Function> follow;
  if (!PlainFunction(Follow, &tracked).ToLocal(&follow)) {
    return info.Env().Undefined();  // the environment is being ended
  }
  auto result = Napi::Array::New(info.Env(), 2);
  result[0u] = Napi::Number::New(info.Env(), index);
  result[1u] = FromV8(info.Env(), follow);
  return result;
}

// configureClass(index, handles, leastLevel, closable)
void ConfigureClass(const Napi::CallbackInfo& info) { ClassOf(info).Configure(OptionsFrom(info)); }

// closeInstance(index, slot, object)
void CloseInstance(const Napi::CallbackInfo& info) {
  ClassOf(info).Close(info[1].As<Napi::Number>().Uint32Value(), ToV8<v8::Object>(info[2]));
}

// setSite(index, slot, site)
void SetSite(const Napi::CallbackInfo& info) {
  ClassOf(info).instance(info[1].As<Napi::Number>().Uint32Value()).site =
      info[2].As<Napi::Number>().Uint32Value();
}

// findInstance(index, object): [id, bornMs, closed, site, slot] or undefined
Napi::Value FindInstance(const Napi::CallbackInfo& info) {
  TrackedClass& tracked = ClassOf(info);
  const Slot slot = tracked.Find(ToV8<v8::Object>(info[1]));
  if (slot == Slab::kNone) return info.Env().Undefined();
  const Instance& instance = tracked.instance(slot);
  auto result = Napi::Array::New(info.Env(), 5);
  result[0u] = Napi::Number::New(info.Env(), static_cast<double>(instance.id));
  result[1u] = Napi::Number::New(info.Env(), static_cast<double>(instance.born_ms));
  result[2u] = Napi::Boolean::New(info.Env(), instance.closed);
  result[3u] = Napi::Number::New(info.Env(), static_cast<double>(instance.site));
  result[4u] = Napi::Number::New(info.Env(), slot);
  return result;
}

// liveInstances(index): object[]
Napi::Value LiveInstances(const Napi::CallbackInfo& info) {
  v8::Isolate* isolate = static_cast<Environment*>(info.Data())->isolate();
  auto result = Napi::Array::New(info.Env());
  uint32_t length = 0;
  ClassOf(info).ForEachLive([&](Slot, Instance& instance) {
    const Napi::HandleScope scope(info.Env());
    result[length++] = FromV8(info.Env(), instance.handle.Get(isolate));
  });
  return result;
}

// classStats(index): Float64Array, in the order of `lib/tracking/figures.ts`
Napi::Value ClassStats(const Napi::CallbackInfo& info) {
  auto* environment = static_cast<Environment*>(info.Data());
  ClassOf(info).Sweep(tracking::Generation::kAll);
  if (environment->tracker().unclosed().size() > 0) environment->delivery().Notify();
  const TrackedClass::Stats stats = ClassOf(info).Read();
  const double values[] = {
      stats.live,
      stats.live_error,
      stats.closed,
      stats.collected_unclosed,
      stats.pending_deletion,
      stats.followed,
      stats.probability,
      stats.oldest_born_ms ? static_cast<double>(*stats.oldest_born_ms) : -1,
  };
  return Float64s(info.Env(), values);
}

// classLifetimes(index): sparse histogram
Napi::Value ClassLifetimes(const Napi::CallbackInfo& info) {
  return HistogramValue(info.Env(), ClassOf(info).lifetimes());
}

// releaseTracker(): gives up every handle and, unless a monitor needs it, the collector's hook
void ReleaseTracker(const Napi::CallbackInfo& info) {
  TrackerOf(info).ReleaseAll();
  static_cast<Environment*>(info.Data())->SyncCollections();
}

// takeUnclosed(): [dropped, then per instance: class index, id, bornMs, diedMs, site]
Napi::Value TakeUnclosed(const Napi::CallbackInfo& info) {
  UnclosedQueue& queue = TrackerOf(info).unclosed();
  std::vector<double> values{static_cast<double>(queue.dropped())};
  for (const Unclosed& unclosed : queue) {
    values.insert(values.end(),
                  {static_cast<double>(unclosed.class_index), static_cast<double>(unclosed.id),
                   static_cast<double>(unclosed.born_ms), static_cast<double>(unclosed.died_ms),
                   static_cast<double>(unclosed.site)});
  }
  queue.Clear();
  return Float64s(info.Env(), values);
}

// watchUnclosed(on): what died before is forgotten
void WatchUnclosed(const Napi::CallbackInfo& info) {
  TrackerOf(info).unclosed().Watch(info[0].As<Napi::Boolean>().Value());
}

// followedDeaths(): how many followed instances have died, up to the last collection
Napi::Value FollowedDeaths(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(TrackerOf(info).CountDeaths()));
}

// coarseNowMs(): the clock of bornMs
Napi::Value CoarseNowMs(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(CoarseMs()));
}

}  // namespace

void ExposeTracking(Napi::Object exports, Environment* environment) {
  const Exposing expose(exports, environment);
  expose("addClass", AddClass);
  expose("configureClass", ConfigureClass);
  expose("closeInstance", CloseInstance);
  expose("setSite", SetSite);
  expose("findInstance", FindInstance);
  expose("liveInstances", LiveInstances);
  expose("classStats", ClassStats);
  expose("classLifetimes", ClassLifetimes);
  expose("followedDeaths", FollowedDeaths);
  expose("watchUnclosed", WatchUnclosed);
  expose("releaseTracker", ReleaseTracker);
  expose("takeUnclosed", TakeUnclosed);
  expose("coarseNowMs", CoarseNowMs);
}

}  // namespace heapscope::bindings
