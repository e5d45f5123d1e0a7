#pragma once

#include <unordered_map>

#include "graph/column.h"
#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// Which edges keep what they lead to alive, by DevTools' rules: no weak edges, no self edges,
// shortcuts only from the root, of the two edges to a weak map's value the key's, and none from
// outside what user code reaches into it.
class Essential {
 public:
  // Marks what user code reaches, and prepares the kinds.
  Essential(Graph& graph, Control& control);

  // Whether all edges of the node's kind lead on, but for self edges and those into user code.
  bool Holds(Node from, const Kind& kind, Edge edge) const {
    if (from == edge.target) return false;
    if (!(kind.flags & Kind::kSimple) && !HoldsByLabel(from, edge)) return false;
    return user_[from] || !user_[edge.target] || from == graph_.facts.root;
  }

 private:
  bool HoldsByLabel(Node from, Edge edge) const;
  void ReadWeakMapEntries();
  void FlagKinds();
  void MarkUserObjects(Control& control);

  Graph& graph_;
  Column<uint8_t> user_;
  // For names of weak map entries: the id of the table.
  std::unordered_map<uint32_t, uint64_t> tables_;
};

// The id of the table if this is V8's name for an entry of a weak map, else 0.
uint64_t WeakMapTableId(std::string_view edge_name);

}  // namespace heapscope::graph
