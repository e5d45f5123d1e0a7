#pragma once

#include "graph/graph.h"
#include "graph/referrers.h"

namespace heapscope::graph {

struct RefCount {
  uint64_t counted = 0;
  uint64_t internal = 0;  // hidden classes, hidden edges, shortcuts
  uint64_t roots = 0;
  uint64_t weak = 0;
};

// How many references a programmer would count (semantics.md §H12): a backing store's count as its
// owner's, and where owner and store both refer to the node, whose slots they are differs, so the
// larger number counts.
RefCount CountReferences(const Graph& graph, const Referrers& referrers, Node node);

}  // namespace heapscope::graph
