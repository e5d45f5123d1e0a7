#pragma once

#include "graph/graph.h"

namespace heapscope::graph {

// As V8 writes them into a snapshot's `meta`; by NodeType and EdgeType.
inline constexpr const char* kNodeTypeNames[kNodeTypes] = {
    "hidden",
    "array",
    "string",
    "object",
    "code",
    "closure",
    "regexp",
    "number",
    "native",
    "synthetic",
    "concatenated string",
    "sliced string",
    "symbol",
    "bigint",
    "object shape",
    "wasm object",
    "other",
};
inline constexpr const char* kEdgeTypeNames[kEdgeTypes] = {
    "context", "element", "property", "internal", "hidden", "shortcut", "weak", "invisible",
};

}  // namespace heapscope::graph
