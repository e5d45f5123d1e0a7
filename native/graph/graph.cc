#include "graph/graph.h"

namespace heapscope::graph {

void Graph::Damaged() { throw Error(kErrorGraph, "the graph is damaged: it points outside itself"); }

void EdgeCursor::Damaged() { Graph::Damaged(); }

size_t Graph::memory() const {
  return kind_of.bytes() + edges_at.bytes() + edge_bytes.bytes() + ids.memory() + shallow.memory() +
         dominator.bytes() + retained.bytes() + kinds.bytes() + label_names.bytes() +
         label_types.bytes() + locations.bytes() + classes.bytes() + strings.ends().bytes() +
         strings.bytes().bytes();
}

}  // namespace heapscope::graph
