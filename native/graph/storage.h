#pragma once

#include <string>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// A graph's columns one after the other, as they stand in memory, behind a header that says where.
// So opening is mapping: nothing is parsed, and pages are read when they are asked for.
void Save(const Graph& graph, const std::string& path, Control& control);
Graph Open(const std::string& path);

}  // namespace heapscope::graph
