// Feeds the reader of .heapsnapshot files whatever libFuzzer thinks of, in pieces; what it takes
// for a snapshot is analysed, walked and asked. Every outcome but a graph or a graph::Error is a
// bug.

#include <cstddef>
#include <cstdint>

#include "capture/snapshot_reader.h"
#include "graph/analysis.h"
#include "graph/cycles.h"
#include "graph/diff.h"
#include "graph/paths.h"
#include "graph/ref_count.h"
#include "graph/suspects.h"

using namespace heapscope;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = 1 + data[0];  // the first byte says how long the pieces are
  const char* bytes = reinterpret_cast<const char*>(data) + 1;
  --size;
  graph::Control control;
  try {
    capture::SnapshotReader reader(control);
    if ((data[0] & 1) != 0) reader.UseSecondThread();
    for (size_t at = 0; at < size; at += piece) {
      reader.Push(bytes + at, size - at < piece ? size - at : piece);
    }
    graph::Graph graph = reader.Finish();
    graph::Analyze(graph, control);
    const graph::Referrers referrers(graph, control);
    const graph::Paths paths(graph, control);
    for (graph::Node node = 0; node < graph.nodes() && node < 50; ++node) {
      graph::CountReferences(graph, referrers, node);
      paths.To(graph, referrers, node, 5, control);
    }
    graph::FindCycles(graph, {}, 10, 10, control);
    for (const graph::Suspect& suspect : graph::FindSuspects(graph, 0.2, control)) {
      if (suspect.node != graph::kNoNode) graph::ContentOf(graph, suspect.node, control);
    }
    graph::Compare(graph, graph, true, control);
  } catch (const graph::Error&) {
  }
  return 0;
}
