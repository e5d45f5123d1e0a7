#include "graph/referrers.h"

namespace heapscope::graph {

Referrers::Referrers(const Graph& graph, Control& control) {
  const uint32_t nodes = graph.nodes();
  control.Begin(Stage::kPredecessors, uint64_t{nodes} * 2);
  at_ = Column<uint32_t>::Zeroed(size_t{nodes} + 1);
  Edge edge;
  for (Node node = 0; node < nodes; ++node) {
    control.Tick(node);
    for (EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) ++at_[edge.target];
  }
  uint64_t total = 0;
  for (Node node = 0; node <= nodes; ++node) {
    total += at_[node];
    at_[node] = static_cast<uint32_t>(total);
  }
  sources_ = Column<Node>(total);
  for (Node node = nodes; node > 0; --node) {  // backwards, so that each list comes out ascending
    control.Tick(nodes - node);
    for (EdgeCursor cursor = graph.EdgesOf(node - 1); cursor.Next(edge);) {
      sources_[--at_[edge.target]] = node - 1;
    }
  }
}

}  // namespace heapscope::graph
