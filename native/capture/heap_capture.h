#pragma once

#include <napi.h>
#include <v8.h>

#include "graph/graph.h"

namespace heapscope::capture {

// Takes a snapshot of the isolate and reads it into a graph, which is yet to be analysed. All of it on
// the isolate's thread. Contents of strings and numbers are not read. Afterwards V8's snapshot is
// gone, and so, unless they are to be kept, are its object ids, which slow scavenges down.
graph::Graph CaptureHeap(Napi::Env env, v8::Isolate* isolate, bool keep_ids);

}  // namespace heapscope::capture
