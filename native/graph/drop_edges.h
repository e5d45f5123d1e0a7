#pragma once

#include <functional>

#include "graph/graph.h"

namespace heapscope::graph {

// Takes edges of one node out of the graph, as if V8 had never listed them. Before the analysis.
void DropEdges(Graph& graph, Node node, const std::function<bool(Edge)>& drop);

}  // namespace heapscope::graph
