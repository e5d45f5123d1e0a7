#include "graph/shallow_sizes.h"

#include <unordered_map>

#include "graph/bits.h"

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

// Per part its owner. The order of visiting does not matter: a part only ever goes from unvisited
// to one owner to several.
Column<Node> FindOwners(const Graph& graph, const Bits& part, Control& control) {
  Column<Node> owners(graph.nodes(), kUnvisited);
  Column<Node> stack;
  Edge edge;
  const auto visit = [&](Node node, Node owner) {
    for (EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) {
      if (!part[edge.target]) continue;
      Node& held = owners[edge.target];
      if (held == owner || held == kSeveralOwners) continue;
      if (graph.TypeOf(edge) == EdgeType::kWeak) continue;
      held = held == kUnvisited ? owner : kSeveralOwners;
      stack.push_back(edge.target);
    }
  };
  for (Node start = 0; start < graph.nodes(); ++start) {
    control.Tick(start);
    if (part[start]) continue;
    visit(start, start);
    while (!stack.empty()) {
      const Node node = stack.back();
      stack.pop_back();
      visit(node, owners[node]);
    }
  }
  return owners;
}

}  // namespace

void MoveOwnedSizes(Graph& graph, Control& control) {
  if (!HasUserRoots(graph)) return;  // taken with internals exposed: show what is really there
  Column<uint8_t> part_kind(graph.kinds.size());
  for (size_t i = 0; i < part_kind.size(); ++i) part_kind[i] = IsPart(graph, graph.kinds[i]);
  Bits part(graph.nodes());
  for (Node node = 0; node < graph.nodes(); ++node) {
    if (part_kind[graph.kind_of[node]]) part.Set(node);
  }
  Column<Node> owners = FindOwners(graph, part, control);
  // Only parts have owners: the places of the others take what they are to get.
  Column<uint32_t>& gets = owners;
  std::unordered_map<Node, uint64_t> gets_more;  // multiples of 2^32
  for (Node node = 0; node < graph.nodes(); ++node) {
    if (!part[node]) gets[node] = 0;
  }
  graph.shallow.ForEach([&](size_t node, uint64_t size) {
    if (!part[node]) return;
    Node& owner = owners[node];
    if (owner == kUnvisited || owner == kSeveralOwners) return;
    if (graph.KindOf(owner).type == NodeType::kSynthetic || owner == graph.facts.root) {
      owner = kSeveralOwners;
      return;
    }
    const uint64_t sum = gets[owner] + size;
    gets[owner] = static_cast<uint32_t>(sum);
    if (sum >> 32 != 0) gets_more[owner] += sum >> 32 << 32;
  });
  Packed sizes;
  graph.shallow.ForEach([&](size_t at, uint64_t size) {
    const auto node = static_cast<Node>(at);
    if (part[node]) {
      const bool stays = owners[node] == kUnvisited || owners[node] == kSeveralOwners;
      return sizes.push_back(stays ? size : 0);
    }
    const auto more = gets_more.empty() ? gets_more.end() : gets_more.find(node);
    sizes.push_back(size + gets[node] + (more == gets_more.end() ? 0 : more->second));
  });
  sizes.Shrink();
  graph.shallow = std::move(sizes);
}

}  // namespace heapscope::graph
