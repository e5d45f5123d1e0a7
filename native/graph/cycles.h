#pragma once

#include <cstdint>
#include <vector>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

struct Cycle {
  std::vector<Node> members;  // ascending; the first `max_members`
  uint64_t size = 0;
  uint64_t retained = 0;  // of the members no other member dominates
  uint64_t entries = 0;   // references that lead in from outside, as a programmer counts them
  // The names of its classes, the most frequent first, with one member each.
  struct Class {
    Node member;
    uint64_t count;
  };
  std::vector<Class> classes;
  bool self = false;  // one node that refers to itself
};

struct Cycles {
  std::vector<Cycle> cycles;  // most retained first, ties by first member
  uint64_t total = 0;
};

// Strongly connected components over the edges and nodes that programs make (algorithms.md §5.3);
// where classes are given, those with a member of one of them.
Cycles FindCycles(const Graph& graph, const std::vector<uint32_t>& classes, size_t limit,
                  size_t max_members, Control& control);

}  // namespace heapscope::graph
