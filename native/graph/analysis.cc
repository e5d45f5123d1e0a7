#include "graph/analysis.h"

#include <future>

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
    Essential essential(graph);
    // Neither needs the other: side by side where a second thread can be had. What they both touch
    // they only read, but for the progress, which is atomic.
    auto done = std::async(std::launch::async | std::launch::deferred, [&] {
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
