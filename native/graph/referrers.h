#pragma once

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Who refers to whom: per node the nodes with edges to it, ascending, each as often as it has
// edges. Which edges they are is found by walking the referrer's own.
class Referrers {
 public:
  Referrers(const Graph& graph, Control& control);

  const Node* begin(Node node) const { return sources_.data() + at_[node]; }
  const Node* end(Node node) const { return sources_.data() + at_[node + 1]; }
  size_t memory() const { return at_.bytes() + sources_.bytes(); }

  // f(source, edge) for each edge to the node; stops when f returns false.
  template <typename F>
  void ForEach(const Graph& graph, Node node, F&& f) const {
    Node last = kNoNode;
    for (const Node* source = begin(node); source != end(node); ++source) {
      if (*source == last) continue;
      last = *source;
      Edge edge;
      for (EdgeCursor cursor = graph.EdgesOf(last); cursor.Next(edge);) {
        if (edge.target == node && !f(last, edge)) return;
      }
    }
  }

 private:
  Column<uint32_t> at_;
  Column<Node> sources_;
};

}  // namespace heapscope::graph
