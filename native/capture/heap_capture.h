#pragma once

#include <napi.h>
#include <v8-profiler.h>
#include <v8.h>

#include <cstdint>
#include <vector>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::capture {

// V8's snapshot of the isolate. With it end V8's object ids, which slow scavenges down, unless they
// are to be kept. All of it on the isolate's thread; the end takes V8 a good part of a second for
// millions of nodes.
class TakenSnapshot {
 public:
  // The activity is told of every 10,000 nodes.
  TakenSnapshot(v8::Isolate* isolate, bool keep_ids, v8::ActivityControl* activity = nullptr);
  ~TakenSnapshot();
  TakenSnapshot(const TakenSnapshot&) = delete;
  TakenSnapshot& operator=(const TakenSnapshot&) = delete;

  // The graph, which is yet to be analysed. Contents of strings and numbers are not read. `found`
  // gets the nodes of the given objects, kNoNode for what is none. Their handles are weak: any
  // other would hold them in the graph. The last object is the record in which a caller named the
  // others; neither it nor the handles are among those who refer to them. By layout: see
  // ReadTakenSnapshot. Behind these nodes `found` gets those of `more`, which are V8's ids.
  graph::Graph Read(Napi::Env env, const std::vector<v8::Global<v8::Value>>& objects,
                    std::vector<graph::Node>& found, graph::Control& control, bool by_layout = true,
                    const std::vector<v8::SnapshotObjectId>& more = {}) const;

 private:
  v8::Isolate* const isolate_;
  const bool keep_ids_;
  const v8::HeapSnapshot* snapshot_;
  uint64_t pause_ns_;
};

}  // namespace heapscope::capture
