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
    const Essential essential(graph, control);
    // Neither needs the other: side by side, where memory for both at once is not much. What they
    // both touch they only read, but for the progress, which is atomic.
    constexpr uint32_t kSideBySide = 4'000'000;
    const auto sizes = [&] {
      MoveOwnedSizes(graph, control);
      NameClasses(graph);
    };
    const bool side_by_side = graph.nodes() <= kSideBySide;
    auto done = std::async(side_by_side ? std::launch::async : std::launch::deferred, sizes);
    if (!side_by_side) done.get();
    preorder = FindDominators(graph, essential, control);
    if (side_by_side) done.get();
  }
  SumRetained(graph, preorder, control);
  SumClasses(graph, preorder, control);
  graph.facts.analysis_ns = MonotonicNs() - start;
}

}  // namespace heapscope::graph
