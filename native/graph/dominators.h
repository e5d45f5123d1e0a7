#pragma once

#include "graph/control.h"
#include "graph/essential.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Fills graph.dominator and returns the dominator tree in preorder, the root first.
Column<Node> FindDominators(Graph& graph, const Essential& essential, Control& control);

// Fills graph.retained.
void SumRetained(Graph& graph, const Column<Node>& preorder, Control& control);

}  // namespace heapscope::graph
