#pragma once

#include <string_view>
#include <vector>

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

// Classes are the same when their keys are; one row for each that either graph has.
std::vector<ClassDiff> Compare(const Graph& now, const Graph& then, bool by_id);

// Up to `limit` nodes from `from` on, of the class, with a size, whose ids `other` does not have.
std::vector<Node> NodesOnlyIn(const Graph& graph, const Graph& other, uint32_t class_index,
                              Node from, size_t limit);

}  // namespace heapscope::graph
