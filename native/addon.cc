// The table of contents: what script can call. Each layer exposes its own part.

#include <napi.h>

#include "base/library_pin.h"
#include "environment.h"
#include "gc/gc_bindings.h"
#include "graph_bindings/graph_bindings.h"
#include "tracking/tracking_bindings.h"

namespace heapscope {
namespace {

// initialize(threadId): once per environment, before anything else.
void Initialize(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto exports = info.This().As<Napi::Object>();
  auto* environment = Environment::Create(env, info[0].As<Napi::Number>().Int64Value());
  gc::Expose(exports, environment);
  tracking::Expose(exports, environment);
  graph_bindings::Expose(exports, environment);
}

Napi::Object InitAll(Napi::Env env, Napi::Object exports) {
  if (!PinLibrary()) {
    Napi::Error::New(env, "heapscope could not keep its library mapped").ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("initialize", Napi::Function::New<Initialize>(env, "initialize"));
  return exports;
}

}  // namespace
}  // namespace heapscope

static Napi::Object InitHeapscope(Napi::Env env, Napi::Object exports) {
  return heapscope::InitAll(env, exports);
}
NODE_API_MODULE(heapscope, InitHeapscope)
