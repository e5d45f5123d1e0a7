#include "graph/drop_edges.h"

#include <vector>

namespace heapscope::graph {

void DropEdges(Graph& graph, Node node, const std::function<bool(Edge)>& drop) {
  Kind kind = graph.KindOf(node);
  std::vector<Edge> kept;
  Edge edge;
  for (EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) {
    if (!drop(edge)) kept.push_back(edge);
  }
  if (kept.size() == kind.edges) return;
  graph.facts.edges -= kind.edges - kept.size();
  kind.labels = static_cast<uint32_t>(graph.label_names.size());
  kind.edges = static_cast<uint32_t>(kept.size());
  // What one long step takes is never more than the shorter ones that it stands for.
  uint8_t* out = graph.edge_bytes.data() + graph.edges_at[node];
  Node last = node;
  for (const Edge& each : kept) {
    graph.label_names.push_back(graph.NameOf(each));
    graph.label_types.push_back(static_cast<uint8_t>(graph.TypeOf(each)));
    out = WriteVarint(out, ZigZag(static_cast<int64_t>(each.target) - static_cast<int64_t>(last)));
    last = each.target;
  }
  graph.kind_of[node] = static_cast<uint32_t>(graph.kinds.size());
  graph.kinds.push_back(kind);
  graph.kinds.Shrink();
  graph.label_names.Shrink();
  graph.label_types.Shrink();
}

}  // namespace heapscope::graph
