#include "graph/analysis.h"

#include "base/clock.h"
#include "graph/classes.h"
#include "graph/dominators.h"
#include "graph/essential.h"
#include "graph/shallow_sizes.h"

namespace heapscope::graph {

void Analyze(Graph& graph, Control& control) {
  const uint64_t start = MonotonicNs();
  control.Begin(Stage::kSizes, graph.nodes());
  PropagateDetachedness(graph);
  Column<Node> preorder;
  {
    const Essential essential(graph, control);
    MoveOwnedSizes(graph, control);
    preorder = FindDominators(graph, essential, control);
  }
  SumRetained(graph, preorder, control);
  NameClasses(graph);
  SumClasses(graph, preorder, control);
  graph.facts.analysis_ns = MonotonicNs() - start;
}

}  // namespace heapscope::graph
