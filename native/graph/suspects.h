#pragma once

#include <vector>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Eclipse MAT's leak suspects: objects, and classes by their topmost instances together, that
// retain at least `share` of the heap; each with the point where the memory gathers.
struct Suspect {
  Node node;  // kNoNode for a class
  uint32_t class_index;
  uint64_t instances;
  uint64_t retained;
  Node accumulation;  // kNoNode where it does not gather in one place
  uint64_t accumulated;
  uint64_t biggest_child;
};

std::vector<Suspect> FindSuspects(const Graph& graph, double share, Control& control);

// What a node dominates directly, by class.
struct Content {
  struct Row {
    uint32_t class_index;
    Node first;
    uint64_t count;
    uint64_t retained;
  };
  std::vector<Row> rows;  // most retained first
  uint64_t children = 0;
};

Content ContentOf(const Graph& graph, Node node, Control& control);

}  // namespace heapscope::graph
