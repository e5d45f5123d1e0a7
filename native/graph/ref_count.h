#pragma once

#include "graph/graph.h"
#include "graph/referrers.h"

namespace heapscope::graph {

// What an edge to a node is to a programmer.
enum class Reference {
  kOwn,       // the source's
  kStored,    // that of whom the source is a backing store of
  kRoot,      // of V8's roots
  kInternal,  // hidden classes, hidden edges, shortcuts
  kWeak,
  kRepeated,  // another edge tells of the same
};
Reference ReferenceOf(const Graph& graph, Node source, Edge edge);

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
