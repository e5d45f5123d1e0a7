#include "graph/paths.h"

#include <algorithm>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

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

// What a string says as the name of an edge or a node.
enum Flags : uint8_t {
  kNoisyEdge = 1,
  kTellingRoots = 2,  // a head under "(GC roots)": what native code holds. The stack is no such: it
                      // is that of whoever asked for the capture
  kContext = 4,       // every function of a script refers to it, and it to the global object
  kCell = 8,          // where V8 keeps a global variable beside the property
};

uint8_t FlagsOf(std::string_view name) {
  if (name == "(Global handles)" || name == "(GC roots)") return kTellingRoots;
  if (name == "system / NativeContext") return kContext;
  if (name == "system / PropertyCell") return kCell;
  const bool noisy =
      std::find(std::begin(kNoiseNames), std::end(kNoiseNames), name) != std::end(kNoiseNames);
  return noisy ? kNoisyEdge : 0;
}

bool Retains(const Graph& graph, Node from, Edge edge) {
  const EdgeType type = graph.TypeOf(edge);
  if (type == EdgeType::kWeak || from == edge.target) return false;
  return type != EdgeType::kShortcut || from == graph.facts.root;
}

}  // namespace

bool Paths::IsNoise(const Graph& graph, Node from, Edge edge) const {
  const EdgeType type = graph.TypeOf(edge);
  if (type == EdgeType::kHidden) return true;
  const auto says = [&](uint32_t name, Flags flag) {
    return name < flags_.size() && (flags_[name] & flag) != 0;
  };
  if (from != root_) {
    const Kind& holder = graph.KindOf(from);
    switch (holder.type) {
      case NodeType::kCode:
      case NodeType::kObjectShape:
        return true;
      case NodeType::kSynthetic:
        if (!says(holder.name, kTellingRoots)) return true;
        break;
      case NodeType::kHidden:
        if (says(holder.name, kCell)) return true;
        break;
      default:
        break;
    }
    const Kind& target = graph.KindOf(edge.target);
    if (target.type == NodeType::kHidden && says(target.name, kContext)) return true;
  }
  if (type == EdgeType::kElement || type == EdgeType::kContext) return false;
  return says(graph.NameOf(edge), kNoisyEdge);
}

Edge Paths::EdgeBetween(const Graph& graph, Node from, Node to) const {
  Edge edge;
  Edge best{kNoNode, 0};
  for (EdgeCursor cursor = graph.EdgesOf(from); cursor.Next(edge);) {
    if (edge.target != to || !Retains(graph, from, edge)) continue;
    if (best.target == kNoNode) best = edge;
    if (!IsNoise(graph, from, edge)) return edge;
  }
  return best;
}

void Paths::NameEdges(const Graph& graph, Path& path) const {
  for (size_t i = 0; i + 1 < path.nodes.size(); ++i) {
    path.edges.push_back(EdgeBetween(graph, path.nodes[i], path.nodes[i + 1]));
    path.noise += IsNoise(graph, path.nodes[i], path.edges.back());
  }
}

// Breadth first, level by level of noise: what noise leads to waits for the next level. There it is
// taken up in the order of its depth among what it leads to, so that depths are the least in a
// level.
Paths::Paths(const Graph& graph, Control& control) : root_(graph.facts.root) {
  control.Begin(Stage::kTraversal, graph.nodes());
  // Names are many times fewer than edges.
  flags_ = Column<uint8_t>(graph.strings.size());
  for (uint32_t i = 0; i < graph.strings.size(); ++i) flags_[i] = FlagsOf(graph.strings[i]);
  parent_ = Column<Node>(graph.nodes(), kNoNode);
  depth_ = Column<uint32_t>(graph.nodes());
  noise_ = Column<uint8_t>(graph.nodes());
  struct Seed {
    Node from;
    Node to;
  };
  Column<Node> queue;
  Column<Seed> seeds, later;
  uint8_t level = 0;
  const auto reach = [&](Node node, Node from) {
    parent_[node] = from;
    depth_[node] = node == root_ ? 0 : depth_[from] + 1;
    noise_[node] = level;
  };
  const auto expand = [&](Node node) {
    Edge edge;
    for (EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) {
      if (Reached(edge.target) || !Retains(graph, node, edge)) continue;
      if (IsNoise(graph, node, edge)) {
        later.push_back({node, edge.target});
      } else {
        reach(edge.target, node);
        queue.push_back(edge.target);
      }
    }
  };
  uint64_t rounds = 0;
  size_t next = 0;
  seeds.push_back({root_, root_});
  while (!seeds.empty()) {
    for (size_t seed = 0; seed < seeds.size() || next < queue.size();) {
      control.Tick(rounds++);
      const bool takes_seed =
          seed < seeds.size() && (next == queue.size() || seeds[seed].to == root_ ||
                                  depth_[seeds[seed].from] < depth_[queue[next]]);
      if (!takes_seed) {
        expand(queue[next++]);
        continue;
      }
      const Seed from = seeds[seed++];
      if (Reached(from.to)) continue;
      reach(from.to, from.from);
      expand(from.to);
    }
    seeds.clear();
    std::swap(seeds, later);
    if (level < kMostNoise) ++level;
  }
}

// From a node backwards: ends of paths, the one that promises the best whole path first. What a way
// in promises is known exactly, so paths come out in order. A way's next best sibling is only
// looked at when the way itself was taken.
class PathSearch {
 public:
  PathSearch(const Paths& paths, const Graph& graph, const Referrers& referrers, Control& control)
      : paths_(paths), graph_(graph), referrers_(referrers), control_(control) {}

  std::vector<Path> Run(Node node, size_t limit) {
    std::vector<Path> found;
    Extend({node, kNone, 0, 0});
    for (uint64_t round = 0; !candidates_.empty() && found.size() < limit; ++round) {
      control_.Check();
      control_.Tick(round);
      if (round == kMostRounds) break;
      const Candidate best = candidates_.top();
      candidates_.pop();
      Offer(best.end, best.way + 1);
      const End end = ends_[best.end];
      const Way& way = WaysTo(end.head)[best.way];
      if (Contains(best.end, way.source)) continue;
      if (way.source != paths_.root_ && end.edges < kMostEdges) {
        Extend({way.source, best.end, end.edges + 1, end.noise + way.edge_noise});
        continue;
      }
      Path path;
      if (Complete(best.end, way.source, path) && told_.insert(AsTold(path)).second) {
        found.push_back(std::move(path));
      }
    }
    return found;
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  static constexpr uint64_t kMostRounds = 1 << 20;
  static constexpr uint32_t kMostEdges = 1000;  // beyond, a path is completed as the tree has it

  // The last part of a path: from `head` over the ends that it continues to the node asked for.
  struct End {
    Node head;
    uint32_t next;
    uint32_t edges;
    uint32_t noise;
  };
  struct Way {
    Node source;
    uint32_t edge_noise;
    uint32_t noise;  // of the best path from the root over the source
    uint32_t edges;
  };
  struct Candidate {
    uint32_t noise;
    uint32_t edges;
    uint64_t order;
    uint32_t end;
    uint32_t way;
    bool operator<(const Candidate& other) const {  // the top of the heap is the greatest
      return std::tie(noise, edges, order) > std::tie(other.noise, other.edges, other.order);
    }
  };

  void Extend(const End& end) {
    ends_.push_back(end);
    Offer(static_cast<uint32_t>(ends_.size() - 1), 0);
  }

  void Offer(uint32_t end, uint32_t way) {
    const std::vector<Way>& ways = WaysTo(ends_[end].head);
    if (way >= ways.size()) return;
    candidates_.push({ends_[end].noise + ways[way].noise, ends_[end].edges + ways[way].edges,
                      order_++, end, way});
  }

  const std::vector<Way>& WaysTo(Node node) {
    const auto [entry, added] = ways_.try_emplace(node);
    std::vector<Way>& ways = entry->second;
    if (!added) return ways;
    referrers_.ForEach(graph_, node, [&](Node source, Edge edge) {
      if (!paths_.Reached(source) || !Retains(graph_, source, edge)) return true;
      const uint32_t noise = paths_.IsNoise(graph_, source, edge) ? 1 : 0;
      const Way way{source, noise, paths_.noise_[source] + noise, paths_.depth_[source] + 1};
      if (ways.empty() || ways.back().source != source) {
        ways.push_back(way);
      } else if (noise < ways.back().edge_noise) {
        ways.back() = way;
      }
      return true;
    });
    std::stable_sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) {
      return std::tie(a.noise, a.edges) < std::tie(b.noise, b.edges);
    });
    return ways;
  }

  bool Contains(uint32_t end, Node node) const {
    for (; end != kNone; end = ends_[end].next) {
      if (ends_[end].head == node) return true;
    }
    return false;
  }

  // The way from the root to the source, and the end. False if that passes a node twice.
  bool Complete(uint32_t end, Node source, Path& path) const {
    std::unordered_set<Node> heads;
    for (uint32_t at = end; at != kNone; at = ends_[at].next) heads.insert(ends_[at].head);
    for (Node node = source;; node = paths_.parent_[node]) {
      if (heads.contains(node)) return false;
      path.nodes.push_back(node);
      if (node == paths_.root_) break;
    }
    std::reverse(path.nodes.begin(), path.nodes.end());
    for (uint32_t at = end; at != kNone; at = ends_[at].next) path.nodes.push_back(ends_[at].head);
    paths_.NameEdges(graph_, path);
    return true;
  }

  // An object refers to what is in its backing store both itself and by the store.
  std::vector<Node> AsTold(const Path& path) const {
    std::vector<Node> told;
    for (const Node node : path.nodes) {
      if (node == path.nodes.back() || graph_.KindOf(node).type != NodeType::kArray) {
        told.push_back(node);
      }
    }
    return told;
  }

  const Paths& paths_;
  const Graph& graph_;
  const Referrers& referrers_;
  Control& control_;
  std::vector<End> ends_;
  std::priority_queue<Candidate> candidates_;
  uint64_t order_ = 0;
  std::unordered_map<Node, std::vector<Way>> ways_;
  std::set<std::vector<Node>> told_;
};

std::vector<Path> Paths::To(const Graph& graph, Node node) const {
  if (!Reached(node)) return {};
  Path path;
  for (;; node = parent_[node]) {
    path.nodes.push_back(node);
    if (node == root_) break;
  }
  std::reverse(path.nodes.begin(), path.nodes.end());
  NameEdges(graph, path);
  std::vector<Path> found;
  found.push_back(std::move(path));
  return found;
}

std::vector<Path> Paths::To(const Graph& graph, const Referrers& referrers, Node node, size_t limit,
                            Control& control) const {
  if (!Reached(node) || node == root_) return To(graph, node);
  return PathSearch(*this, graph, referrers, control).Run(node, limit);
}

}  // namespace heapscope::graph
