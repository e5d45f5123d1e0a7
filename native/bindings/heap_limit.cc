#include "bindings/bindings.h"
#include "bindings/graph_values.h"
#include "bindings/twin_plan.h"
#include "capture/near_limit.h"
#include "owned.h"

#include <utility>

namespace heapscope::bindings {

namespace {

using capture::NearLimit;

// watchHeapLimit(path, plan): watch
Napi::Value WatchHeapLimit(const Napi::CallbackInfo& info) {
  return Guarded(info, [&]() -> Napi::Value {
    const TwinPlan asked(info[1]);
    capture::NearLimitPlan plan{
        .path = info[0].As<Napi::String>().Utf8Value(),
        .extend_by = static_cast<size_t>(asked.number("extendBy")),
        .times = static_cast<uint32_t>(asked.number("times")),
        .cool_down_ns = static_cast<uint64_t>(asked.number("coolDownMs") * 1e6),
        .bounds = asked.bounds(),
        .spill_to = asked.text("spillTo"),
    };
    auto* const environment = static_cast<Environment*>(info.Data());
    return Owned(info.Env(), std::make_unique<NearLimit>(info.Env(), environment, std::move(plan)));
  });
}

NearLimit& WatchOf(const Napi::Value& value) {
  return *value.As<Napi::External<NearLimit>>().Data();
}

// heapLimitWatch(watch): { saved, failure, over }
Napi::Value HeapLimitWatch(const Napi::CallbackInfo& info) {
  NearLimit& watch = WatchOf(info[0]);
  auto result = Napi::Object::New(info.Env());
  result.Set("saved", watch.saved());
  result.Set("failure", watch.failure());
  result.Set("over", watch.over());
  return result;
}

// closeHeapLimitWatch(watch): it tells of what was, and does no more
void CloseHeapLimitWatch(const Napi::CallbackInfo& info) { WatchOf(info[0]).End(); }

}  // namespace

void ExposeHeapLimit(Napi::Object exports, Environment* environment) {
  const Exposing expose(exports, environment);
  expose("watchHeapLimit", WatchHeapLimit);
  expose("heapLimitWatch", HeapLimitWatch);
  expose("closeHeapLimitWatch", CloseHeapLimitWatch);
}

}  // namespace heapscope::bindings
