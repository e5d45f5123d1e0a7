#pragma once

#include <napi.h>
#include <v8.h>

#include <vector>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::capture {

// Takes a snapshot of the isolate and reads it into a graph, which is yet to be analysed. All of it
// on the isolate's thread. Contents of strings and numbers are not read. Afterwards V8's snapshot
// is gone, and so, unless they are to be kept, are its object ids, which slow scavenges down.
// `found` gets the nodes of the given objects, kNoNode for what is none. Their handles are weak:
// any other would hold them in the graph. The last object is the record in which a caller named the
// others; neither it nor the handles are among those who refer to them.
graph::Graph CaptureHeap(Napi::Env env, v8::Isolate* isolate, bool keep_ids,
                         const std::vector<v8::Global<v8::Value>>& objects,
                         std::vector<graph::Node>& found, graph::Control& control);

}  // namespace heapscope::capture
