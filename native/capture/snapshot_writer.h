#pragma once

#include <string>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::capture {

// Writes a .heapsnapshot that Chrome DevTools opens with the same counts and retained sizes. With
// `redact` the contents of strings, regular expressions and numbers are replaced by their length;
// names of classes, functions, variables and properties stay.
void WriteSnapshot(const graph::Graph& graph, const std::string& path, bool redact,
                   graph::Control& control);

}  // namespace heapscope::capture
