#include "graph/dominators.h"

#include "graph/depth_first.h"
#include "graph/prefetch.h"

namespace heapscope::graph {

namespace {

// Simple Lengauer–Tarjan on the numbers of a depth-first search (algorithms.md §5.1 has why).
// Without the usual nine arrays, because nodes are many and memory is short:
// - the tree's parent and link's ancestor are one field: a parent is last asked for in the step
//   that links it;
// - a vertex that is not linked yet is its own label, so its place holds its bucket's head;
// - the dominator of a vertex is known when it leaves its bucket, so until then the place holds the
//   bucket's next; and before it enters one, the place holds where its predecessors begin;
// - predecessors with smaller numbers are ancestors: of them only the smallest matters;
// - the others are laid out by vertex in parts, from the last vertices to the first, as they are
//   needed: no more than a cache likes at a time.
class Search {
 public:
  Search(Graph& graph, const Essential& essential, Control& control)
      : graph_(graph), control_(control), search_(graph, essential, control) {}

  Column<Node> Run() {
    FindDominators();
    return Finish();
  }

 private:
  static constexpr uint32_t kNone = DepthFirst::kNone;
  static constexpr int kAhead = 8;

  void FindDominators();
  uint32_t FindPredecessors(uint32_t end);
  void Dominate(uint32_t begin, uint32_t end);
  void PrefetchWay(const uint32_t* predecessor) const;
  uint32_t Evaluate(uint32_t vertex, uint32_t linked_from);
  Column<Node> Finish();

  Graph& graph_;
  Control& control_;
  DepthFirst search_;
  Column<Vertex>& v_ = search_.vertices;
  const uint32_t count_ = search_.count();
  uint64_t part_ = 0;  // how many predecessors at a time
  Column<uint32_t> predecessors_;
  Column<uint32_t> path_;
};

void Search::FindDominators() {
  control_.Begin(Stage::kDominators, count_);
  uint64_t total = 0;
  for (uint32_t v = 0; v < count_; ++v) total += v_[v].dominator;
  constexpr uint64_t kPart = 1 << 22;
  part_ = std::max(total / 6, kPart);
  for (uint32_t end = count_; end > 1;) {
    const uint32_t begin = FindPredecessors(end);
    Dominate(begin, end);
    end = begin;
  }
  v_[0].dominator = 0;
  for (uint32_t w = 1; w < count_; ++w) {
    if (v_[w].dominator != v_[w].semi) v_[w].dominator = v_[v_[w].dominator].dominator;
  }
  predecessors_.Free();
  path_.Free();
}

// Of the vertices before `end`, as far as a part goes: returns the first of them.
uint32_t Search::FindPredecessors(uint32_t end) {
  uint32_t begin = end - 1;
  uint64_t total = v_[begin].dominator;
  while (begin > 1 && total + v_[begin - 1].dominator <= part_) total += v_[--begin].dominator;
  if (total > 0xffffffff) {
    throw Error(kErrorMemory, "the heap has more edges than the graph can number");
  }
  uint32_t at = 0;
  for (uint32_t v = begin; v < end; ++v) v_[v].dominator = at += v_[v].dominator;
  predecessors_.Resize(at);
  search_.ForEachBack(begin, [&](uint32_t from, uint32_t to) {
    if (to - begin < end - begin) predecessors_[--v_[to].dominator] = from;
  });
  return begin;
}

// The vertex with the smallest semidominator on the way from `vertex` up through linked ones;
// vertices from `linked_from` on are linked. Shortens the way.
inline uint32_t Search::Evaluate(uint32_t vertex, uint32_t linked_from) {
  if (vertex < linked_from) return vertex;
  uint32_t above = v_[vertex].ancestor;
  if (above < linked_from) return v_[vertex].label;
  path_.clear();
  uint32_t v = vertex;
  do {
    path_.push_back(v);
    v = above;
    above = v_[v].ancestor;
  } while (above >= linked_from);
  // v is the topmost linked one: its ancestor is not linked.
  uint32_t best = v_[v].label;
  uint32_t semi = v_[best].semi;
  for (size_t i = path_.size(); i > 0; --i) {
    Vertex& w = v_[path_[i - 1]];
    const uint32_t own = v_[w.label].semi;
    if (semi < own) {
      w.label = best;
    } else {
      best = w.label;
      semi = own;
    }
    w.ancestor = above;
  }
  return best;
}

// Ways lead all over memory: so the first steps of those that come next are taken ahead.
inline void Search::PrefetchWay(const uint32_t* predecessor) const {
  Prefetch(&v_[predecessor[-2 * kAhead]]);
  Prefetch(&v_[v_[predecessor[-kAhead]].ancestor]);
}

void Search::Dominate(uint32_t begin, uint32_t end) {
  auto last = static_cast<uint32_t>(predecessors_.size());
  for (uint32_t w = end - 1; w >= begin; --w) {
    control_.Tick(count_ - w);
    Vertex& vertex = v_[w];
    const uint32_t parent = vertex.ancestor;
    const uint32_t first = vertex.dominator;
    uint32_t semi = vertex.semi;
    while (last > first) {
      --last;
      if (last >= 2 * kAhead) PrefetchWay(predecessors_.data() + last);
      const uint32_t candidate = v_[Evaluate(predecessors_[last], w + 1)].semi;
      if (candidate < semi) semi = candidate;
    }
    if (semi == parent) {
      vertex.dominator = parent;
    } else {
      vertex.semi = semi;
      vertex.dominator = v_[semi].label;
      v_[semi].label = w;
    }
    vertex.label = w;  // its bucket was emptied by its first child
    uint32_t v = v_[parent].label;
    if (v == kNone) continue;
    v_[parent].label = kNone;
    do {
      const uint32_t next = v_[v].dominator;
      const uint32_t u = Evaluate(v, w);
      v_[v].dominator = v_[u].semi < v_[v].semi ? u : parent;
      v = next;
    } while (v != kNone);
  }
}

// By node instead of by number; and in preorder of the tree: a vertex's place is where its
// dominator's next child goes, and each subtree takes as many places as it has vertices.
Column<Node> Search::Finish() {
  const Node root = graph_.facts.root;
  const Column<Node>& nodes = search_.nodes;
  graph_.dominator = Column<Node>(graph_.nodes(), root);
  for (uint32_t v = 1; v < count_; ++v) graph_.dominator[nodes[v]] = nodes[v_[v].dominator];
  graph_.dominator[root] = kNoNode;

  // From here on `semi` is the subtree's size, `label` the next child's place.
  for (uint32_t v = 0; v < count_; ++v) v_[v].semi = 1;
  for (uint32_t v = count_ - 1; v > 0; --v) v_[v_[v].dominator].semi += v_[v].semi;
  Column<Node> preorder(graph_.nodes());
  preorder[0] = root;
  v_[0].label = 1;
  for (uint32_t v = 1; v < count_; ++v) {
    Vertex& above = v_[v_[v].dominator];
    const uint32_t place = above.label;
    above.label += v_[v].semi;
    v_[v].label = place + 1;
    preorder[place] = nodes[v];
  }
  if (count_ < graph_.nodes()) {  // those in unreachable circles
    Bits reached(graph_.nodes());
    for (uint32_t v = 0; v < count_; ++v) reached.Set(nodes[v]);
    uint32_t place = count_;
    for (Node node = 0; node < graph_.nodes(); ++node) {
      if (!reached[node]) preorder[place++] = node;
    }
  }
  return preorder;
}

}  // namespace

Column<Node> FindDominators(Graph& graph, const Essential& essential, Control& control) {
  return Search(graph, essential, control).Run();
}

void SumRetained(Graph& graph, const Column<Node>& preorder, Control& control) {
  constexpr size_t kAhead = 16;
  graph.retained = Column<uint64_t>(graph.nodes());
  graph.facts.total_shallow = 0;
  graph.shallow.ForEach([&](size_t node, uint64_t size) { graph.retained[node] = size; });
  for (size_t i = preorder.size() - 1; i > 0; --i) {
    control.Tick(i);
    if (i >= 2 * kAhead) {
      const Node ahead = preorder[i - 2 * kAhead];
      Prefetch(&graph.dominator[ahead]);
      Prefetch(&graph.retained[ahead]);
      Prefetch(graph.retained.data() + graph.dominator[preorder[i - kAhead]]);
    }
    const Node node = preorder[i];
    graph.retained[graph.dominator[node]] += graph.retained[node];
  }
  graph.facts.total_shallow = graph.retained[graph.facts.root];
}

}  // namespace heapscope::graph
