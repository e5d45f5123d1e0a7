#include "graph/dominators.h"

namespace heapscope::graph {

namespace {

// Simple Lengauer–Tarjan on the numbers of a depth-first search (algorithms.md §5.1 has why).
// Without the usual nine arrays, because nodes are many and memory is short:
// - the tree's parent and link's ancestor are one array: a parent is last asked for in the step
// that
//   links it;
// - a vertex that is not linked yet is its own label, so its place holds its bucket's head;
// - the dominator of a vertex is known when it leaves its bucket, so until then the place holds the
//   bucket's next; and before it enters one, the place holds where its predecessors begin;
// - predecessors with smaller numbers are ancestors: of them only the smallest matters.
class Search {
 public:
  Search(Graph& graph, const Essential& essential, Control& control)
      : graph_(graph), essential_(essential), control_(control) {}

  Column<Node> Run() {
    Traverse();
    FindPredecessors();
    FindDominators();
    return Finish();
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;

  struct Frame {
    EdgeCursor cursor;
    Node node;
  };

  void Traverse();
  void TraverseFrom(Node start, uint32_t parent, Column<Frame>& stack);
  void TraverseOrphans(Column<Frame>& stack);
  void FindPredecessors();
  void FindDominators();
  uint32_t Evaluate(uint32_t vertex, uint32_t linked_from);
  Column<Node> Finish();

  Graph& graph_;
  const Essential& essential_;
  Control& control_;
  uint32_t count_ = 0;         // vertices reached
  Column<uint32_t> number_;    // by node
  Column<Node> vertex_;        // by number, as all that follow
  Column<uint32_t> ancestor_;  // the parent until linked
  Column<uint32_t> semi_;
  Column<uint32_t> label_;      // the bucket's head until linked
  Column<uint32_t> dominator_;  // see above
  Column<uint32_t> predecessors_;
  Column<uint32_t> path_;
};

void Search::TraverseFrom(Node start, uint32_t parent, Column<Frame>& stack) {
  const auto enter = [&](Node node, uint32_t from) {
    control_.Tick(count_);
    number_[node] = count_++;
    vertex_.push_back(node);
    ancestor_.push_back(from);
    stack.push_back({graph_.EdgesOf(node), node});
  };
  enter(start, parent);
  while (!stack.empty()) {
    Frame& frame = stack.back();
    const Kind& kind = graph_.KindOf(frame.node);
    Edge edge;
    bool entered = false;
    while (frame.cursor.Next(edge)) {
      if (number_[edge.target] != kNone || !essential_.Holds(frame.node, kind, edge)) continue;
      enter(edge.target, number_[frame.node]);
      entered = true;
      break;
    }
    if (!entered) stack.pop_back();
  }
}

void Search::Traverse() {
  control_.Begin(Stage::kTraversal, graph_.nodes());
  number_ = Column<uint32_t>(graph_.nodes(), kNone);
  vertex_.Require(graph_.nodes());
  ancestor_.Require(graph_.nodes());
  Column<Frame> stack;
  TraverseFrom(graph_.facts.root, 0, stack);
  graph_.facts.unreachable = graph_.nodes() - count_;
  if (count_ < graph_.nodes()) TraverseOrphans(stack);
}

// Nodes that only weak edges lead to hang under the root, with what they hold. What is left holds
// only itself, in circles: DevTools gives each such node to the root on its own.
void Search::TraverseOrphans(Column<Frame>& stack) {
  auto held = Column<uint8_t>::Zeroed(graph_.nodes());
  Edge edge;
  for (Node node = 0; node < graph_.nodes(); ++node) {
    control_.Tick(node);
    if (number_[node] != kNone) continue;
    const Kind& kind = graph_.KindOf(node);
    for (EdgeCursor cursor = graph_.EdgesOf(node); cursor.Next(edge);) {
      if (essential_.Holds(node, kind, edge)) held[edge.target] = 1;
    }
  }
  for (Node node = 0; node < graph_.nodes(); ++node) {
    if (number_[node] == kNone && !held[node]) TraverseFrom(node, 0, stack);
  }
}

void Search::FindPredecessors() {
  control_.Begin(Stage::kPredecessors, uint64_t{count_} * 2);
  semi_ = Column<uint32_t>(count_);
  for (uint32_t v = 0; v < count_; ++v) semi_[v] = ancestor_[v];
  dominator_ = Column<uint32_t>::Zeroed(count_);
  const auto for_each_edge = [&](uint32_t from, auto&& f) {
    const Node node = vertex_[from];
    const Kind& kind = graph_.KindOf(node);
    Edge edge;
    for (EdgeCursor cursor = graph_.EdgesOf(node); cursor.Next(edge);) {
      if (essential_.Holds(node, kind, edge)) f(number_[edge.target]);
    }
  };
  for (uint32_t from = 0; from < count_; ++from) {
    control_.Tick(from);
    for_each_edge(from, [&](uint32_t to) {
      if (from > to) {
        ++dominator_[to];
      } else if (from < semi_[to]) {
        semi_[to] = from;
      }
    });
  }
  uint64_t total = 0;
  for (uint32_t v = 0; v < count_; ++v) {
    total += dominator_[v];
    if (total > 0xffffffff) {
      throw Error(kErrorMemory, "the heap has more edges than the graph can number");
    }
    dominator_[v] = static_cast<uint32_t>(total);
  }
  predecessors_ = Column<uint32_t>(total);
  for (uint32_t from = 0; from < count_; ++from) {
    control_.Tick(from);
    for_each_edge(from, [&](uint32_t to) {
      if (from > to) predecessors_[--dominator_[to]] = from;
    });
  }
  number_.Free();
}

// The vertex with the smallest semidominator on the way from `vertex` up through linked ones;
// vertices from `linked_from` on are linked. Shortens the way.
inline uint32_t Search::Evaluate(uint32_t vertex, uint32_t linked_from) {
  if (vertex < linked_from) return vertex;
  uint32_t above = ancestor_[vertex];
  if (above < linked_from) return label_[vertex];
  path_.clear();
  uint32_t v = vertex;
  do {
    path_.push_back(v);
    v = above;
    above = ancestor_[v];
  } while (above >= linked_from);
  // v is the topmost linked one: its ancestor is not linked.
  uint32_t best = label_[v];
  for (size_t i = path_.size(); i > 0; --i) {
    const uint32_t w = path_[i - 1];
    if (semi_[best] < semi_[label_[w]]) {
      label_[w] = best;
    } else {
      best = label_[w];
    }
    ancestor_[w] = above;
  }
  return best;
}

void Search::FindDominators() {
  control_.Begin(Stage::kDominators, count_);
  label_ = Column<uint32_t>(count_, kNone);
  uint32_t end = static_cast<uint32_t>(predecessors_.size());
  for (uint32_t w = count_ - 1; w > 0; --w) {
    control_.Tick(count_ - w);
    const uint32_t begin = dominator_[w];
    uint32_t semi = semi_[w];
    for (uint32_t i = begin; i < end; ++i) {
      const uint32_t candidate = semi_[Evaluate(predecessors_[i], w + 1)];
      if (candidate < semi) semi = candidate;
    }
    end = begin;
    semi_[w] = semi;
    dominator_[w] = label_[semi];
    label_[semi] = w;
    const uint32_t parent = ancestor_[w];
    label_[w] = w;  // its bucket was emptied by its first child
    uint32_t v = label_[parent];
    label_[parent] = kNone;
    while (v != kNone) {
      const uint32_t next = dominator_[v];
      const uint32_t u = Evaluate(v, w);
      dominator_[v] = semi_[u] < semi_[v] ? u : parent;
      v = next;
    }
  }
  dominator_[0] = 0;
  for (uint32_t w = 1; w < count_; ++w) {
    if (dominator_[w] != semi_[w]) dominator_[w] = dominator_[dominator_[w]];
  }
  predecessors_.Free();
  path_.Free();
  ancestor_.Free();
  semi_.Free();
  label_.Free();
}

// By node instead of by number; and in preorder of the tree: a vertex's place is where its
// dominator's next child goes, and each subtree takes as many places as it has vertices.
Column<Node> Search::Finish() {
  const Node root = graph_.facts.root;
  graph_.dominator = Column<Node>(graph_.nodes(), root);
  for (uint32_t v = 1; v < count_; ++v) graph_.dominator[vertex_[v]] = vertex_[dominator_[v]];
  graph_.dominator[root] = kNoNode;

  Column<uint32_t> size(count_, 1);
  for (uint32_t v = count_ - 1; v > 0; --v) size[dominator_[v]] += size[v];
  Column<uint32_t> next(count_);
  Column<Node> preorder(graph_.nodes());
  preorder[0] = root;
  next[0] = 1;
  for (uint32_t v = 1; v < count_; ++v) {
    const uint32_t place = next[dominator_[v]];
    next[dominator_[v]] += size[v];
    next[v] = place + 1;
    preorder[place] = vertex_[v];
  }
  if (count_ < graph_.nodes()) {  // those in unreachable circles
    auto reached = Column<uint8_t>::Zeroed(graph_.nodes());
    for (const Node node : vertex_) reached[node] = 1;
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
  graph.retained = Column<uint64_t>(graph.nodes());
  graph.facts.total_shallow = 0;
  graph.shallow.ForEach([&](size_t node, uint64_t size) { graph.retained[node] = size; });
  for (size_t i = preorder.size() - 1; i > 0; --i) {
    control.Tick(i);
    const Node node = preorder[i];
    graph.retained[graph.dominator[node]] += graph.retained[node];
  }
  graph.facts.total_shallow = graph.retained[graph.facts.root];
}

}  // namespace heapscope::graph
