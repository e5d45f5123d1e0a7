#include "capture/heap_capture.h"

#include <v8-profiler.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/clock.h"
#include "capture/line_ends.h"
#include "capture/taken_snapshot_reader.h"
#include "graph/drop_edges.h"
#include "graph/error.h"

namespace heapscope::capture {

namespace {

using graph::EdgeType;
using graph::NodeType;

// The backing store behind an edge of an object: V8 lists what is in it there too.
bool LeadsToStore(const graph::Graph& graph, graph::Edge edge) {
  if (graph.TypeOf(edge) != EdgeType::kInternal) return false;
  const std::string_view name = graph.strings[graph.NameOf(edge)];
  return name == "properties" || name == "elements";
}

// Takes out by what the objects were named to us: the record's references and our weak handles.
void HideNaming(graph::Graph& graph, std::span<const graph::Node> found) {
  const std::unordered_set<graph::Node> named(found.begin(), found.end());
  const graph::Node record = found.back();
  graph::Edge edge;
  if (record != graph::kNoNode) {
    const auto refers = [&](graph::Edge each) { return named.contains(each.target); };
    std::vector<graph::Node> holders{record};
    for (graph::EdgeCursor cursor = graph.EdgesOf(record); cursor.Next(edge);) {
      if (LeadsToStore(graph, edge)) holders.push_back(edge.target);
    }
    for (const graph::Node holder : holders) graph::DropEdges(graph, holder, refers);
  }
  for (graph::Node node = 0; node < graph.nodes(); ++node) {
    if (graph.KindOf(node).type != NodeType::kSynthetic) continue;
    if (graph.NameOf(node) != "(Global handles)") continue;
    // One each: the program may have weak handles of its own.
    std::unordered_multiset<graph::Node> ours(found.begin(), found.end());
    graph::DropEdges(graph, node, [&](graph::Edge each) {
      if (graph.TypeOf(each) != EdgeType::kWeak) return false;
      const auto one = ours.find(each.target);
      if (one == ours.end()) return false;
      ours.erase(one);
      return true;
    });
  }
}

}  // namespace

TakenSnapshot::TakenSnapshot(v8::Isolate* isolate, bool keep_ids, v8::ActivityControl* activity)
    : isolate_(isolate), keep_ids_(keep_ids) {
  const uint64_t start = MonotonicNs();
  FindLineEnds(isolate);
  snapshot_ = isolate->GetHeapProfiler()->TakeHeapSnapshot(activity);
  if (snapshot_ == nullptr) throw graph::Error(graph::kErrorMemory, "V8 gave no snapshot");
  pause_ns_ = MonotonicNs() - start;
}

TakenSnapshot::~TakenSnapshot() {
  const_cast<v8::HeapSnapshot*>(snapshot_)->Delete();
  if (!keep_ids_) {
    // A recording of allocations, DevTools', goes on with the ids that are cleared, and crashes.
    isolate_->GetHeapProfiler()->StopTrackingHeapObjects();
    isolate_->GetHeapProfiler()->ClearObjectIds();
  }
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

graph::Graph TakenSnapshot::Read(Napi::Env env, const std::vector<v8::Global<v8::Value>>& objects,
                                 std::vector<graph::Node>& found, graph::Control& control,
                                 bool by_layout,
                                 const std::vector<v8::SnapshotObjectId>& more) const {
  const v8::HandleScope scope(isolate_);
  control.NoteMemory();
  const uint64_t start = MonotonicNs();
  // At once: these ids hold while V8 follows its objects about.
  std::unordered_map<uint64_t, std::vector<size_t>> wanted;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].IsEmpty()) continue;  // collected meanwhile
    const v8::SnapshotObjectId id =
        isolate_->GetHeapProfiler()->GetObjectId(objects[i].Get(isolate_));
    if (id != v8::HeapProfiler::kUnknownObjectId) wanted[id].push_back(i);
  }
  for (size_t i = 0; i < more.size(); ++i) {
    if (more[i] != v8::HeapProfiler::kUnknownObjectId)
      wanted[more[i]].push_back(objects.size() + i);
  }
  graph::Graph graph = ReadTakenSnapshot(env, isolate_, snapshot_, by_layout);
  control.NoteMemory();
  graph.facts.pause_ns = pause_ns_;
  graph.facts.reading_ns = MonotonicNs() - start;
  graph.facts.comparable_ids = keep_ids_;
  found.assign(objects.size() + more.size(), graph::kNoNode);
  if (!wanted.empty()) {
    graph.ids.ForEach([&](size_t node, uint64_t id) {
      const auto entry = wanted.find(id);
      if (entry == wanted.end()) return;
      for (const size_t i : entry->second) found[i] = static_cast<graph::Node>(node);
    });
  }
  if (!objects.empty()) HideNaming(graph, std::span(found).first(objects.size()));
  return graph;
}

}  // namespace heapscope::capture
