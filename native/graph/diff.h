#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

struct ClassDiff {
  std::string_view key, name;
  uint64_t count_now = 0, count_then = 0;
  uint64_t shallow_now = 0, shallow_then = 0;
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

// Classes are the same when their keys are, or, where only one of the graphs knows places, their
// names; one row for each that either graph has objects of.
Differences Compare(const Graph& now, const Graph& then, bool by_id, Control& control);

}  // namespace heapscope::graph
