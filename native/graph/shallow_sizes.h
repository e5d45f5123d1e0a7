#pragma once

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Gives every hidden part (backing stores, hidden classes' tables …) that one object alone owns to
// that object: it gets the part's shallow size. DevTools' rule.
void MoveOwnedSizes(Graph& graph, Control& control);

// Spreads what the snapshot says of nodes being attached to a document or detached, and renames the
// detached. Only snapshots of browsers say any.
void PropagateDetachedness(Graph& graph);

}  // namespace heapscope::graph
