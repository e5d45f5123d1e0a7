#pragma once

#include <napi.h>

namespace heapscope {
class Environment;
}

// What script can call, a file for each part.
namespace heapscope::bindings {

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
