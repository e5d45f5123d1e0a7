#pragma once

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Groups kinds into classes as DevTools does: by name, objects of one name by where their
// constructor stands. Fills the kinds' class_index and the rows' names and keys.
void NameClasses(Graph& graph);

// Fills the rows: counts, sizes, and what the topmost instances of each class retain. Nodes without
// a size of their own (any more) are not counted.
void SumClasses(Graph& graph, const Column<Node>& preorder, Control& control);

}  // namespace heapscope::graph
