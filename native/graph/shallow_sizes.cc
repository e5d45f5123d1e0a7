#include "graph/shallow_sizes.h"

namespace heapscope::graph {

namespace {

constexpr Node kUnvisited = 0xffffffff;
constexpr Node kSeveralOwners = 0xfffffffe;

bool HasUserRoots(const Graph& graph) {
  Edge edge;
  for (EdgeCursor cursor = graph.EdgesOf(graph.facts.root); cursor.Next(edge);) {
    if (graph.KindOf(edge.target).type != NodeType::kSynthetic ||
        graph.NameOf(edge.target) == "(Document DOM trees)") {
      return true;
    }
  }
  return false;
}

bool IsPart(const Graph& graph, const Kind& kind) {
  return kind.type == NodeType::kHidden || kind.type == NodeType::kArray ||
         (kind.type == NodeType::kNative &&
          graph.strings[kind.name] == "system / ExternalStringData");
}

// Per node its owner: itself, unless it is a part. The order of visiting does not matter: a node
// only ever goes from unvisited to one owner to several.
Column<Node> FindOwners(const Graph& graph, Control& control) {
  Column<uint8_t> part(graph.kinds.size());
  for (size_t i = 0; i < part.size(); ++i) part[i] = IsPart(graph, graph.kinds[i]);
  Column<Node> owners(graph.nodes());
  for (Node node = 0; node < graph.nodes(); ++node) {
    owners[node] = part[graph.kind_of[node]] ? kUnvisited : node;
  }
  Column<Node> stack;
  Edge edge;
  for (Node start = 0; start < graph.nodes(); ++start) {
    control.Tick(start);
    if (owners[start] != start) continue;
    stack.push_back(start);
    while (!stack.empty()) {
      const Node node = stack.back();
      stack.pop_back();
      const Node owner = owners[node];
      for (EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) {
        const Node target = edge.target;
        const Node held = owners[target];
        if (held == target || held == owner || held == kSeveralOwners) continue;
        if (graph.TypeOf(edge) == EdgeType::kWeak) continue;
        owners[target] = held == kUnvisited ? owner : kSeveralOwners;
        stack.push_back(target);
      }
    }
  }
  return owners;
}

}  // namespace

void MoveOwnedSizes(Graph& graph, Control& control) {
  if (!HasUserRoots(graph)) return;  // taken with internals exposed: show what is really there
  const Column<Node> owners = FindOwners(graph, control);
  Column<uint64_t> sizes(graph.nodes());
  graph.shallow.ForEach([&](size_t node, uint64_t size) { sizes[node] = size; });
  for (Node node = 0; node < graph.nodes(); ++node) {
    const Node owner = owners[node];
    if (owner == node || owner == kUnvisited || owner == kSeveralOwners) continue;
    if (graph.KindOf(owner).type == NodeType::kSynthetic || owner == graph.facts.root) continue;
    sizes[owner] += sizes[node];
    sizes[node] = 0;
  }
  graph.shallow = Packed();
  for (const uint64_t size : sizes) graph.shallow.push_back(size);
  graph.shallow.Shrink();
}

}  // namespace heapscope::graph
