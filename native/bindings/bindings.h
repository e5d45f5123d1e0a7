#pragma once

#include <napi.h>

namespace heapscope {
class Environment;
}

// What script can call, a file for each part.
namespace heapscope::bindings {

// Gives `exports` functions by name, to which `environment` comes as their data.
class Exposing {
 public:
  Exposing(Napi::Object exports, Environment* environment)
      : exports_(exports), environment_(environment) {}

  template <typename Function>
  void operator()(const char* name, Function function) const {
    exports_.Set(name, Napi::Function::New(exports_.Env(), function, name, environment_));
  }

 private:
  const Napi::Object exports_;
  Environment* const environment_;
};

// `lib/native.ts` has the types.
void ExposeGc(Napi::Object exports, Environment* environment);
void ExposeTracking(Napi::Object exports, Environment* environment);
void ExposeWeakref(Napi::Object exports, Environment* environment);

// `lib/graph/native-graph.ts` describes each function and the layout of what it returns.
void ExposeGraphFilling(Napi::Object exports, Environment* environment);
void ExposeGraphQueries(Napi::Object exports, Environment* environment);
void ExposeGraphAnalyses(Napi::Object exports, Environment* environment);

// `lib/graph/native-twin.ts` does the same for the capture by a twin.
void ExposeTwin(Napi::Object exports, Environment* environment);
#ifdef __linux__
void ExposeHeapLimit(Napi::Object exports, Environment* environment);
#endif

}  // namespace heapscope::bindings
