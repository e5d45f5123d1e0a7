#pragma once

#include <napi.h>

namespace heapscope {
class Environment;
}

namespace heapscope::graph_bindings {

// What script can do with heap graphs; `lib/graph/native-graph.ts` describes each function and the
// layout of what it returns.
void Expose(Napi::Object exports, Environment* environment);

// The parts, a file each.
void ExposeFilling(Napi::Object exports, Environment* environment);
void ExposeQueries(Napi::Object exports, Environment* environment);
void ExposeAnalyses(Napi::Object exports, Environment* environment);

}  // namespace heapscope::graph_bindings
