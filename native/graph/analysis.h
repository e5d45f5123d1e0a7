#pragma once

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Everything between a graph as it was read and one that can be asked. Takes a second thread for a
// part of it, unless it is not to.
void Analyze(Graph& graph, Control& control, bool one_thread = false);

}  // namespace heapscope::graph
