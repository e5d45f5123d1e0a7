#pragma once

#include <napi.h>
#include <v8-profiler.h>
#include <v8.h>

#include "graph/graph.h"

namespace heapscope::capture {

// Reads a snapshot that V8 has taken into a graph, which is yet to be analysed, on the isolate's
// thread. Contents of strings and numbers are not read. By layout it is several times faster, and
// where V8 turns out to lay things out otherwise it is read by asking after all.
graph::Graph ReadTakenSnapshot(Napi::Env env, v8::Isolate* isolate,
                               const v8::HeapSnapshot* snapshot, bool by_layout);

}  // namespace heapscope::capture
