// The table of contents: what script can call. `native/bindings` has one file for each part.

#include <napi.h>
#include <node_version.h>

#include <string>

#include "base/library_pin.h"
#include "bindings/bindings.h"
#include "environment.h"

namespace heapscope {
namespace {

// setDelivery(callback | undefined): called from the loop after collections
void SetDelivery(const Napi::CallbackInfo& info) {
  static_cast<Environment*>(info.Data())
      ->delivery()
      .SetCallback(info[0].IsFunction() ? info[0].As<Napi::Function>() : Napi::Function());
}

// initialize(threadId): everything else, for an environment of its own. Script may be loaded
// several times over the one addon (a test runner that resets modules does so), and its copies stay
// apart.
Napi::Value Initialize(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto* environment = Environment::Create(env, info[0].As<Napi::Number>().Int64Value());
  auto exports = Napi::Object::New(env);
  bindings::Exposing(exports, environment)("setDelivery", SetDelivery);
  bindings::ExposeGc(exports, environment);
  bindings::ExposeTracking(exports, environment);
  bindings::ExposeWeakref(exports, environment);
  bindings::ExposeGraphFilling(exports, environment);
  bindings::ExposeGraphQueries(exports, environment);
  bindings::ExposeGraphAnalyses(exports, environment);
  bindings::ExposeTwin(exports, environment);
#ifdef __linux__
  bindings::ExposeHeapLimit(exports, environment);
#endif
  return exports;
}

Napi::Object InitAll(Napi::Env env, Napi::Object exports) {
  // Before anything else: V8's own interface differs between versions, and calling it would crash.
  const uint32_t running = Napi::VersionManagement::GetNodeVersion(env)->major;
  if (running != NODE_MAJOR_VERSION) {
    Napi::Error::New(env, "it was built for Node.js " + std::to_string(NODE_MAJOR_VERSION))
        .ThrowAsJavaScriptException();
    return exports;
  }
  if (!PinLibrary()) {
    Napi::Error::New(env, "heapscope could not keep its library mapped")
        .ThrowAsJavaScriptException();
    return exports;
  }
  exports.Set("initialize", Napi::Function::New(env, Initialize, "initialize"));
  return exports;
}

}  // namespace
}  // namespace heapscope

static Napi::Object InitHeapscope(Napi::Env env, Napi::Object exports) {
  return heapscope::InitAll(env, exports);
}
NODE_API_MODULE(heapscope, InitHeapscope)
