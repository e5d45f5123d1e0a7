#pragma once

#include "graph/column.h"
#include "graph/control.h"
#include "graph/essential.h"
#include "graph/graph.h"

namespace heapscope::graph {

// What is known of a vertex: a node by its number in a depth-first search. In one place, because a
// heap's vertices are far more than a cache holds and each look at another place waits for memory.
struct Vertex {
  uint32_t ancestor;   // its parent in the search's tree
  uint32_t semi;       // the smallest of its predecessors with smaller numbers
  uint32_t label;      // left to who uses it; kNone
  uint32_t dominator;  // how many predecessors it has with larger numbers
};

// Numbers the nodes in the order of a depth-first search from the root along essential edges. Nodes
// that only weak edges lead to follow as if they hung under the root, with what they hold. What is
// left holds only itself, in circles, and gets no number.
//
// At a node's turn the targets of its edges either have numbers, all smaller than its own, or are
// put off; a target put off that has a number by the time it is looked at is a descendant. So each
// node's edges are read only once.
class DepthFirst {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  DepthFirst(Graph& graph, const Essential& essential, Control& control);

  uint32_t count() const { return count_; }
  // By number.
  Column<Vertex> vertices;
  Column<Node> nodes;

  // f(from, to) for the edges from larger to smaller numbers, except some that lead below `first`.
  template <typename F>
  void ForEachBack(uint32_t first, F&& f) const {
    if (count_ == 0) return;
    uint32_t from = first / kStep * kStep;
    const uint8_t* in = back_.data() + back_at_[first / kStep];
    const uint8_t* const end = back_.end();
    for (; from < count_; ++from) {
      for (;;) {
        uint64_t delta = *in;
        if (delta < 0x80) {
          ++in;
          if (delta == 0) break;
        } else {
          in = ReadVarint(in, end, delta);
        }
        f(from, from - static_cast<uint32_t>(delta));
      }
    }
  }

 private:
  static constexpr uint32_t kStep = 1 << 12;

  struct Frame {
    uint32_t vertex;
    uint32_t first;  // of its targets in pending_
  };

  void From(Node start);
  void Enter(Node node, uint32_t parent);
  void Orphans();
  // One more predecessor, once its memory is there.
  void Count(uint32_t to) {
    Prefetch(&vertices[to]);
    uint32_t& last = counted_[counts_++ % kCounted];
    ++vertices[last].dominator;
    last = to;
  }

  const Graph& graph_;
  const Essential& essential_;
  Control& control_;
  uint32_t count_ = 0;
  Column<uint32_t> number_;  // by node
  static constexpr uint32_t kCounted = 32;
  uint32_t counted_[kCounted] = {};
  uint32_t counts_ = 0;
  Column<Frame> frames_;
  Column<Node> pending_;      // targets that were put off
  Column<uint8_t> back_;      // per vertex the differences to the targets before it, and a zero
  Column<uint64_t> back_at_;  // where that of every kStep-th vertex begins
};

}  // namespace heapscope::graph
