#include "graph/analysis.h"

#include <future>

#include "base/clock.h"
#include "graph/classes.h"
#include "graph/dominators.h"
#include "graph/essential.h"
#include "graph/shallow_sizes.h"

namespace heapscope::graph {

void Analyze(Graph& graph, Control& control, bool one_thread) {
  const uint64_t start = MonotonicNs();
  control.Begin(Stage::kSizes, graph.nodes());
  PropagateDetachedness(graph);
  Column<Node> preorder;
  {
    Essential essential(graph);
    // Neither needs the other: side by side where a second thread can be had. What they both touch
    // they only read, but for the progress, which is atomic.
    const auto side_by_side = std::launch::async | std::launch::deferred;
    auto done = std::async(one_thread ? std::launch::deferred : side_by_side, [&] {
      MoveOwnedSizes(graph, control);
      NameClasses(graph);
    });
    essential.MarkUserObjects(control);
    preorder = FindDominators(graph, essential, control);
    done.get();
  }
  SumRetained(graph, preorder, control);
  SumClasses(graph, preorder, control);
  graph.facts.analysis_ns = MonotonicNs() - start;
}

}  // namespace heapscope::graph
