#pragma once

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Everything between a graph as it was read and one that can be asked.
void Analyze(Graph& graph, Control& control);

}  // namespace heapscope::graph
