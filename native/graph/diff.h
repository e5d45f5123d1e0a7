#pragma once

#include <vector>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

struct ClassDiff {
  uint32_t now = kNoNode;  // class indexes; kNoNode where there is none
  uint32_t then = kNoNode;
  // By object id, of nodes with a size; meaningless where ids were not asked for.
  uint64_t added = 0;
  uint64_t added_bytes = 0;
  uint64_t removed = 0;
  uint64_t removed_bytes = 0;
  uint64_t grown_bytes = 0;  // what objects in both retain more than they did
};

struct Differences {
  std::vector<ClassDiff> classes;
  // By node of the later and of the earlier graph, where ids were asked for: 1 if it is new, gone.
  Column<uint8_t> added;
  Column<uint8_t> removed;
};

// Classes are the same when their keys are; one row for each that either graph has.
Differences Compare(const Graph& now, const Graph& then, bool by_id, Control& control);

}  // namespace heapscope::graph
