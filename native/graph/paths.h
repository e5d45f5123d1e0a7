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

// One search from the root over all strong edges, kept: how every node is reached over as little
// noise, and then over as few edges, as can be.
class Paths {
 public:
  Paths(const Graph& graph, Control& control);

  // The best path to a node; none where nothing reaches it.
  std::vector<Path> To(const Graph& graph, Node node) const;

  // Up to `limit` of them, those with the least noise first, then the shortest, then in the order
  // of edges. No two differ in backing stores alone.
  std::vector<Path> To(const Graph& graph, const Referrers& referrers, Node node, size_t limit,
                       Control& control) const;

 private:
  friend class PathSearch;
  static constexpr uint8_t kMostNoise = 255;
  bool Reached(Node node) const { return parent_[node] != kNoNode; }
  // Edges that V8 or Node keep for their own ends and that usually lead to everything.
  bool IsNoise(const Graph& graph, Node from, Edge edge) const;
  // The edge that a path takes from one node to another: the first that is no noise, or the first.
  Edge EdgeBetween(const Graph& graph, Node from, Node to) const;
  void NameEdges(const Graph& graph, Path& path) const;

  Node root_;
  Column<uint8_t> flags_;  // by string
  Column<Node> parent_;    // the root's is itself
  Column<uint32_t> depth_;
  Column<uint8_t> noise_;  // on the way there; stops at kMostNoise
};

}  // namespace heapscope::graph
