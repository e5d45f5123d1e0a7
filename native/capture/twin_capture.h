#pragma once

#include <napi.h>

#include <vector>

#include "tracking/tracker.h"
#include "twin/twin.h"

namespace heapscope::capture {

// What the objects take of what the twin tells beside the graph: the followed instances stand
// behind it.
size_t TwinObjectBytes(size_t objects);

// How much it tells beside the graph: to be asked before the fork.
size_t TwinReportBytes(size_t objects, tracking::Tracker& tracker);

// The work of a twin: captures the heap that it is a copy of, analyses it, and puts the graph into
// the result, the nodes of the given objects and of the followed instances behind the report.
void CaptureInTwin(Napi::Env env, v8::Isolate* isolate, tracking::Tracker& tracker,
                   const std::vector<v8::Global<v8::Value>>& objects, twin::Twin& twin);

}  // namespace heapscope::capture
