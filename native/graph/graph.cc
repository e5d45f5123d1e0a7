#include "graph/graph.h"

namespace heapscope::graph {

void Graph::Damaged() {
  throw Error(kErrorGraph, "the graph is damaged: it points outside itself");
}

void EdgeCursor::Damaged() { Graph::Damaged(); }

void Graph::Validate() const {
  for (const Kind& kind : kinds) {
    if (kind.name >= strings.size() || kind.class_index >= classes.size() ||
        static_cast<int>(kind.type) >= kNodeTypes || kind.location > locations.size() ||
        uint64_t{kind.labels} + kind.edges > label_types.size()) {
      Damaged();
    }
  }
  for (size_t i = 0; i < label_types.size(); ++i) {
    if (label_types[i] >= kEdgeTypes) Damaged();
    if (!HasIndex(static_cast<EdgeType>(label_types[i])) && label_names[i] >= strings.size()) {
      Damaged();
    }
  }
  for (const ClassRow& row : classes) {
    if (row.name >= strings.size() || row.key >= strings.size()) Damaged();
  }
}

size_t Graph::memory() const {
  return kind_of.bytes() + edges_at.bytes() + edge_bytes.bytes() + ids.memory() + shallow.memory() +
         dominator.bytes() + retained.bytes() + kinds.bytes() + label_names.bytes() +
         label_types.bytes() + locations.bytes() + classes.bytes() + strings.ends().bytes() +
         strings.bytes().bytes();
}

}  // namespace heapscope::graph
