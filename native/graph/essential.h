#pragma once

#include <unordered_map>

#include "graph/bits.h"
#include "graph/column.h"
#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Which edges keep what they lead to alive, by DevTools' rules: no weak edges, no self edges,
// shortcuts only from the root, of the two edges to a weak map's value the key's, and none from
// outside what user code reaches into it.
class Essential {
 public:
  // Prepares the kinds. To be followed by MarkUserObjects, which needs neither strings nor ids.
  explicit Essential(Graph& graph);
  void MarkUserObjects(Control& control);

  // f(target) for each of the node's edges that holds what it leads to, in their order.
  template <typename F>
  void ForEachHeld(Node from, const Kind& kind, F&& f) const {
    const bool simple = (kind.flags & Kind::kSimple) != 0;
    const bool any = user_[from] || from == graph_.facts.root;
    Edge edge;
    for (EdgeCursor cursor = graph_.EdgesOf(from); cursor.Next(edge);) {
      if (edge.target == from || (!simple && !HoldsByLabel(from, edge))) continue;
      if (any || !user_[edge.target]) f(edge.target);
    }
  }

 private:
  bool HoldsByLabel(Node from, Edge edge) const;
  void ReadWeakMapEntries();
  void FlagKinds();
  void FindUserRoots();

  Graph& graph_;
  Column<Node> user_roots_;
  Bits user_;
  // For names of weak map entries: the id of the table.
  std::unordered_map<uint32_t, uint64_t> tables_;
};

// The id of the table if this is V8's name for an entry of a weak map, else 0.
uint64_t WeakMapTableId(std::string_view edge_name);

}  // namespace heapscope::graph
