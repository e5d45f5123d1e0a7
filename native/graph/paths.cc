#include "graph/paths.h"

#include <algorithm>

namespace heapscope::graph {

namespace {

constexpr std::string_view kNoiseNames[] = {
    "map",
    "constructor",
    "prototype",
    "__proto__",
    "initial_map",
    "shared",
    "feedback_cell",
    "feedback_vector",
    "code",
    "native_context",
    "scope_info",
    "back_pointer",
    "transition_info",
    "transitions",
    "dependent_code",
    "prototype_info",
    "prototype_validity_cell",
    "instance_type_feedback",
};

bool Retains(const Graph& graph, Node from, Edge edge) {
  const EdgeType type = graph.TypeOf(edge);
  if (type == EdgeType::kWeak || from == edge.target) return false;
  return type != EdgeType::kShortcut || from == graph.facts.root;
}

// The edge that a path takes from one node to another: the first that is no noise, or the first.
Edge EdgeBetween(const Graph& graph, Node from, Node to) {
  Edge edge;
  Edge best{kNoNode, 0};
  for (EdgeCursor cursor = graph.EdgesOf(from); cursor.Next(edge);) {
    if (edge.target != to || !Retains(graph, from, edge)) continue;
    if (best.target == kNoNode) best = edge;
    if (!IsNoise(graph, from, edge)) return edge;
  }
  return best;
}

}  // namespace

bool IsNoise(const Graph& graph, Node from, Edge edge) {
  const EdgeType type = graph.TypeOf(edge);
  if (type == EdgeType::kHidden) return true;
  const NodeType holder = graph.KindOf(from).type;
  if (holder == NodeType::kCode || holder == NodeType::kObjectShape) return true;
  if (holder == NodeType::kSynthetic) {
    // The heads under "(GC roots)" say little, but for what native code holds. The stack is that of
    // whoever asked for the capture.
    const std::string_view name = graph.NameOf(from);
    return name != "(Global handles)" && name != "(GC roots)" && from != graph.facts.root;
  }
  if (type == EdgeType::kElement || type == EdgeType::kContext) return false;
  const std::string_view name = graph.strings[graph.NameOf(edge)];
  return std::find(std::begin(kNoiseNames), std::end(kNoiseNames), name) != std::end(kNoiseNames);
}

// Breadth first, with a second queue for what noise leads to: it is taken up only when the first is
// empty, so that noise is passed through as little as can be. A level of the first is never mixed
// with it, which keeps paths shortest among those with as little noise.
Paths::Paths(const Graph& graph, Control& control) : root_(graph.facts.root) {
  control.Begin(Stage::kTraversal, graph.nodes());
  // By kind of edge label, worked out once: names are many times fewer than edges.
  Column<uint8_t> noisy_name(graph.strings.size(), 0);
  for (uint32_t i = 0; i < graph.strings.size(); ++i) {
    noisy_name[i] = std::find(std::begin(kNoiseNames), std::end(kNoiseNames), graph.strings[i]) !=
                    std::end(kNoiseNames);
  }
  parent_ = Column<Node>(graph.nodes(), kNoNode);
  parent_[root_] = root_;
  struct Later {
    Node from;
    Node to;
  };
  Column<Node> queue;
  Column<Later> later;
  queue.push_back(root_);
  size_t next_later = 0;
  Edge edge;
  for (size_t next = 0;;) {
    if (next == queue.size()) {
      while (next_later < later.size() && Reached(later[next_later].to)) ++next_later;
      if (next_later == later.size()) break;
      const Later held = later[next_later++];
      parent_[held.to] = held.from;
      queue.push_back(held.to);
    }
    control.Tick(next);
    const Node node = queue[next++];
    const NodeType type = graph.KindOf(node).type;
    const bool noisy_holder =
        type == NodeType::kCode || type == NodeType::kObjectShape || type == NodeType::kSynthetic;
    for (EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) {
      if (Reached(edge.target) || !Retains(graph, node, edge)) continue;
      const EdgeType edge_type = graph.TypeOf(edge);
      const bool noise = noisy_holder ? IsNoise(graph, node, edge)
                         : edge_type == EdgeType::kHidden
                             ? true
                             : edge_type != EdgeType::kElement && edge_type != EdgeType::kContext &&
                                   graph.NameOf(edge) < noisy_name.size() &&
                                   noisy_name[graph.NameOf(edge)];
      if (noise) {
        later.push_back({node, edge.target});
      } else {
        parent_[edge.target] = node;
        queue.push_back(edge.target);
      }
    }
  }
}

// Puts the way from the root to `from` before what the path has (kept backwards). False if it would
// pass a node that is on it already.
bool Paths::Append(const Graph& graph, Node from, const std::vector<Node>& avoid,
                   Path& path) const {
  for (Node node = from;; node = parent_[node]) {
    if (std::find(avoid.begin(), avoid.end(), node) != avoid.end()) return false;
    path.nodes.push_back(node);
    if (node == root_) break;
  }
  std::reverse(path.nodes.begin(), path.nodes.end());
  for (size_t i = 0; i + 1 < path.nodes.size(); ++i) {
    path.edges.push_back(EdgeBetween(graph, path.nodes[i], path.nodes[i + 1]));
    path.noise += IsNoise(graph, path.nodes[i], path.edges.back());
  }
  return true;
}

std::vector<Path> Paths::To(const Graph& graph, const Referrers& referrers, Node node,
                            size_t limit) const {
  std::vector<Path> found;
  if (!Reached(node)) return found;
  // From the node up its own path: at each step the other ways in, until there are enough.
  std::vector<Node> tail{node};  // what all further paths end in, backwards
  constexpr size_t kMaxTail = 64;
  constexpr size_t kMaxWays = 1000;
  for (;;) {
    const Node head = tail.back();
    if (head == root_) {
      if (found.empty()) found.push_back({.nodes = {root_}, .edges = {}, .noise = 0});
      break;
    }
    size_t ways = 0;
    Node last = kNoNode;
    referrers.ForEach(graph, head, [&](Node source, Edge edge) {
      if (source == last || !Reached(source) || !Retains(graph, source, edge)) return true;
      last = source;
      // Of this head's ways the tree's own comes with the next step, but for the very first.
      if (tail.size() > 1 && source == parent_[head]) return true;
      Path path;
      if (!Append(graph, source, tail, path)) return true;
      for (size_t i = tail.size(); i > 0; --i) {
        const Node from = path.nodes.back();
        path.edges.push_back(EdgeBetween(graph, from, tail[i - 1]));
        path.noise += IsNoise(graph, from, path.edges.back());
        path.nodes.push_back(tail[i - 1]);
      }
      found.push_back(std::move(path));
      return ++ways < kMaxWays;
    });
    if (found.size() >= limit || tail.size() >= kMaxTail || parent_[head] == root_) break;
    tail.push_back(parent_[head]);
  }
  std::stable_sort(found.begin(), found.end(), [](const Path& a, const Path& b) {
    if ((a.noise > 0) != (b.noise > 0)) return a.noise == 0;
    return a.nodes.size() != b.nodes.size() ? a.nodes.size() < b.nodes.size() : a.noise < b.noise;
  });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace heapscope::graph
