#include "graph/depth_first.h"

#include "graph/prefetch.h"

namespace heapscope::graph {

DepthFirst::DepthFirst(Graph& graph, const Essential& essential, Control& control)
    : vertices(graph.nodes()),
      nodes(graph.nodes()),
      graph_(graph),
      essential_(essential),
      control_(control),
      number_(graph.nodes(), kNone) {
  control.Begin(Stage::kTraversal, graph.nodes());
  From(graph.facts.root);
  graph.facts.unreachable = graph.nodes() - count_;
  if (count_ < graph.nodes()) Orphans();
  for (const uint32_t to : counted_) ++vertices[to].dominator;
  vertices[0].dominator = 0;
  number_.Free();
  frames_.Free();
  pending_.Free();
}

void DepthFirst::From(Node start) {
  Enter(start, 0);
  while (!frames_.empty()) {
    const Frame frame = frames_.back();
    if (pending_.size() == frame.first) {
      frames_.pop_back();
      continue;
    }
    const Node node = pending_.back();
    pending_.pop_back();
    const Node* const next = pending_.end();
    if (pending_.size() >= 8) graph_.PrefetchNode(next[-8]);
    if (pending_.size() >= 4) graph_.PrefetchEdges(next[-4]);
    if (pending_.size() >= 1) graph_.PrefetchEdges(next[-1]);
    const uint32_t number = number_[node];
    if (number == kNone) {
      Enter(node, frame.vertex);
    } else if (frame.vertex < vertices[number].semi) {
      vertices[number].semi = frame.vertex;
    }
  }
}

void DepthFirst::Enter(Node node, uint32_t parent) {
  control_.Tick(count_);
  if (count_ % kStep == 0) back_at_.push_back(back_.size());
  const uint32_t from = count_++;
  number_[node] = from;
  nodes[from] = node;
  vertices[from] = {.ancestor = parent, .semi = parent, .label = kNone, .dominator = 0};
  const Kind& kind = graph_.KindOf(node);
  pending_.Require(kind.edges);
  Node* const targets = pending_.end();
  uint32_t held = 0;
  essential_.ForEachHeld(node, kind, [&](Node target) {
    Prefetch(&number_[target]);
    if (kind.edges <= 8) graph_.PrefetchNode(target);
    targets[held++] = target;
  });
  back_.Require(size_t{held} * kMaxVarint + 1);
  uint8_t* out = back_.end();
  uint32_t left = 0;
  for (uint32_t i = 0; i < held; ++i) {
    const uint32_t to = number_[targets[i]];
    if (to == kNone) {
      targets[left++] = targets[i];
    } else {
      out = WriteVarint(out, from - to);
      Count(to);
    }
  }
  *out++ = 0;
  back_.Extend(static_cast<size_t>(out - back_.end()));
  if (left == 0) return;
  frames_.push_back({from, static_cast<uint32_t>(pending_.size())});
  pending_.Extend(left);
}

// DevTools gives each node of an unreachable circle to the root on its own: so they stay without
// numbers.
void DepthFirst::Orphans() {
  Bits held(graph_.nodes());
  for (Node node = 0; node < graph_.nodes(); ++node) {
    control_.Tick(node);
    if (number_[node] != kNone) continue;
    essential_.ForEachHeld(node, graph_.KindOf(node), [&](Node target) { held.Set(target); });
  }
  for (Node node = 0; node < graph_.nodes(); ++node) {
    if (number_[node] == kNone && !held[node]) From(node);
  }
}

}  // namespace heapscope::graph
