// Dominators by their definition: a node dominates another if, without it, the root no longer
// reaches that one. On small random graphs and on the shapes that break other algorithms; the same
// at length against the clock. Usage: dominators_check [graphs] [seed]

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "base/clock.h"
#include "graph/analysis.h"
#include "graph/builder.h"

using namespace heapscope;
using graph::Node;
using Edges = std::vector<std::pair<Node, Node>>;

namespace {

graph::Graph Build(uint32_t nodes, const Edges& edges) {
  std::vector<std::vector<Node>> by_node(nodes);
  for (const auto& [from, to] : edges) by_node[from].push_back(to);
  graph::Builder builder;
  for (Node node = 0; node < nodes; ++node) {
    builder.AddNode(node == 0 ? graph::NodeType::kSynthetic : graph::NodeType::kObject, 0, 0,
                    node * 2 + 1, node % 7 + 1, static_cast<uint32_t>(by_node[node].size()));
  }
  builder.EndNodes();
  for (const auto& list : by_node) {
    for (size_t i = 0; i < list.size(); ++i) {
      builder.AddEdge(graph::EdgeType::kElement, static_cast<uint32_t>(i), list[i]);
    }
  }
  builder.strings().Add("Thing");
  graph::Graph result = builder.Finish();
  graph::Control control;
  graph::Analyze(result, control);
  return result;
}

std::vector<uint8_t> Reach(uint32_t nodes, const std::vector<std::vector<Node>>& out,
                           Node without) {
  std::vector<uint8_t> reached(nodes, 0);
  std::vector<Node> stack;
  if (without != 0) stack.push_back(0);
  if (without != 0) reached[0] = 1;
  while (!stack.empty()) {
    const Node node = stack.back();
    stack.pop_back();
    for (const Node to : out[node]) {
      if (to == without || reached[to]) continue;
      reached[to] = 1;
      stack.push_back(to);
    }
  }
  return reached;
}

bool Check(uint32_t nodes, const Edges& edges) {
  const graph::Graph graph = Build(nodes, edges);
  std::vector<std::vector<Node>> out(nodes);
  std::vector<uint8_t> has_referrer(nodes, 0);
  for (const auto& [from, to] : edges) {
    if (from == to) continue;
    out[from].push_back(to);
    has_referrer[to] = 1;
  }
  // Nodes without referrers hang under the root.
  for (Node node = 1; node < nodes; ++node) {
    if (!has_referrer[node]) out[0].push_back(node);
  }
  const std::vector<uint8_t> all = Reach(nodes, out, graph::kNoNode);
  std::vector<uint64_t> retained(nodes);
  std::vector<uint32_t> depth(nodes, 0);
  std::vector<std::vector<Node>> dominators(nodes);
  for (Node d = 0; d < nodes; ++d) {
    const std::vector<uint8_t> rest = Reach(nodes, out, d);
    for (Node node = 0; node < nodes; ++node) {
      if (all[node] ? !rest[node] && all[d] : node == d || d == 0) {
        retained[d] += node % 7 + 1;
        if (node != d) dominators[node].push_back(d);
        ++depth[node];
      }
    }
  }
  for (Node node = 0; node < nodes; ++node) {
    Node nearest = graph::kNoNode;
    for (const Node d : dominators[node]) {
      if (nearest == graph::kNoNode || depth[d] > depth[nearest]) nearest = d;
    }
    if (graph.retained[node] != retained[node] || graph.DominatorOf(node) != nearest) {
      std::printf("node %u of %u: retained %llu, should be %llu; dominator %u, should be %u\n",
                  node, nodes, static_cast<unsigned long long>(graph.retained[node]),
                  static_cast<unsigned long long>(retained[node]), graph.DominatorOf(node),
                  nearest);
      for (const auto& [from, to] : edges) std::printf("%u->%u ", from, to);
      std::printf("\n");
      return false;
    }
  }
  return true;
}

struct Shape {
  const char* name;
  Edges (*make)(uint32_t nodes);
};

Edges Chain(uint32_t n) {
  Edges edges;
  for (Node i = 0; i + 1 < n; ++i) edges.push_back({i, i + 1});
  return edges;
}
Edges Tree(uint32_t n) {
  Edges edges;
  for (Node i = 1; i < n; ++i) edges.push_back({(i - 1) / 2, i});
  return edges;
}
Edges Ladder(uint32_t n) {  // diamonds in a row
  Edges edges;
  for (Node i = 0; i + 3 < n; i += 3) {
    edges.insert(edges.end(), {{i, i + 1}, {i, i + 2}, {i + 1, i + 3}, {i + 2, i + 3}});
  }
  return edges;
}
Edges Lru(uint32_t n) {  // head and tail held, links both ways
  Edges edges{{0, 1}, {0, n - 1}};
  for (Node i = 1; i + 1 < n; ++i) edges.insert(edges.end(), {{i, i + 1}, {i + 1, i}});
  return edges;
}
Edges Queue(uint32_t n, bool registry_first) {  // entries held by their neighbours and a registry
  Edges edges{{0, registry_first ? 1u : 2u}, {0, registry_first ? 2u : 1u}};
  for (Node i = 2; i + 1 < n; ++i) edges.push_back({i, i + 1});
  for (Node i = 2; i < n; ++i) edges.push_back({1, registry_first ? i : n + 1 - i});
  return edges;
}
Edges QueueRegistryFirst(uint32_t n) { return Queue(n, true); }
Edges QueueRegistryLast(uint32_t n) { return Queue(n, false); }
Edges Irreducible(uint32_t n) {
  Edges edges{{0, 1}, {0, 2}};
  for (Node i = 1; i + 2 < n; ++i) {
    edges.insert(edges.end(), {{i, i + 1}, {i + 1, i}, {i, i + 2}});
  }
  return edges;
}
Edges Apart(uint32_t n) {  // half of it unreachable: circles, and chains nobody holds
  Edges edges;
  for (Node i = 0; i + 1 < n / 2; ++i) edges.push_back({i, i + 1});
  for (Node i = n / 2; i + 2 < n; i += 3) {
    edges.insert(edges.end(), {{i, i + 1}, {i + 1, i}, {i + 2, i / 3}, {i, i / 2}, {i, i}});
  }
  return edges;
}
Edges Bipartite(uint32_t n) {
  Edges edges;
  const Node side = n < 2000 ? n / 2 : 1000;
  for (Node i = 1; i < side; ++i) edges.push_back({0, i});
  for (Node i = 1; i < side; ++i) {
    for (Node j = side; j < 2 * side; ++j) edges.push_back({i, j});
  }
  return edges;
}

constexpr Shape kShapes[] = {
    {"chain", Chain},
    {"binary tree", Tree},
    {"ladder", Ladder},
    {"LRU list", Lru},
    {"queue, registry first", QueueRegistryFirst},
    {"queue, registry last", QueueRegistryLast},
    {"irreducible loops", Irreducible},
    {"unreachable parts", Apart},
    {"bipartite", Bipartite},
};

}  // namespace

int main(int count, char** arguments) {
  const int graphs = count > 1 ? std::atoi(arguments[1]) : 5000;
  std::mt19937 random(count > 2 ? static_cast<uint32_t>(std::atoi(arguments[2])) : 1);
  for (int i = 0; i < graphs; ++i) {
    const uint32_t nodes = 2 + random() % 40;
    Edges edges;
    const uint32_t many = random() % (nodes * (1 + random() % 4));
    for (uint32_t e = 0; e < many; ++e) edges.push_back({random() % nodes, random() % nodes});
    if (!Check(nodes, edges)) return 1;
  }
  std::printf("%d random graphs\n", graphs);
  for (const Shape& shape : kShapes) {
    for (uint32_t nodes = 5; nodes < 80; ++nodes) {
      if (!Check(nodes, shape.make(nodes))) return 1;
    }
    const uint64_t start = MonotonicNs();
    Build(1000000, shape.make(1000000));
    const uint64_t ms = (MonotonicNs() - start) / 1000000;
    std::printf("%s: a million nodes in %llu ms\n", shape.name,
                static_cast<unsigned long long>(ms));
    if (ms > 60000) return 1;
  }
  return 0;
}
