#pragma once

#include <vector>

#include "graph/control.h"
#include "graph/graph.h"
#include "graph/referrers.h"

namespace heapscope::graph {

// From the root to a node: edges[i] leads from nodes[i] to nodes[i + 1].
struct Path {
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  uint32_t noise = 0;  // how many of its edges usually explain nothing
};

// One search from the root over all strong edges, kept: then every path is a walk up.
class Paths {
 public:
  Paths(const Graph& graph, Control& control);

  // Up to `limit` paths to the node, those without noise first, then the shortest, then in the
  // order of edges. They differ in who refers to the node or, failing that, to its nearest holder.
  std::vector<Path> To(const Graph& graph, const Referrers& referrers, Node node,
                       size_t limit) const;

 private:
  static constexpr uint8_t kMaxNoise = 255;
  bool Reached(Node node) const { return parent_[node] != kNoNode; }
  bool Append(const Graph& graph, Node from, const std::vector<Node>& avoid, Path& path) const;

  Node root_;
  Column<Node> parent_;  // the root's is itself
};

// Edges that V8 or Node keep for their own ends and that usually lead to everything.
bool IsNoise(const Graph& graph, Node from, Edge edge);

}  // namespace heapscope::graph
