#include <map>
#include <string>
#include <utility>

#include "graph/shallow_sizes.h"

namespace heapscope::graph {

namespace {

enum State : uint8_t { kUnknown, kAttached, kDetached };

class Propagation {
 public:
  explicit Propagation(Graph& graph)
      : graph_(graph), visited_(Column<uint8_t>::Zeroed(graph.nodes())) {}

  void Run() {
    for (Node node = 0; node < graph_.nodes(); ++node) {
      const uint8_t state = graph_.KindOf(node).detachedness;
      if (state != kUnknown) Process(node, state);
    }
    while (!attached_.empty()) Spread(attached_, kAttached);
    while (!detached_.empty()) Spread(detached_, kDetached);
  }

 private:
  void Spread(Column<Node>& list, uint8_t state) {
    const Node node = list.back();
    list.pop_back();
    Edge edge;
    for (EdgeCursor cursor = graph_.EdgesOf(node); cursor.Next(edge);) {
      const EdgeType type = graph_.TypeOf(edge);
      if (type == EdgeType::kHidden || type == EdgeType::kInvisible || type == EdgeType::kWeak)
        continue;
      Process(edge.target, state);
    }
  }

  void Process(Node node, uint8_t state) {
    if (visited_[node]) return;
    visited_[node] = 1;
    if (graph_.KindOf(node).type != NodeType::kNative) return;  // JavaScript does not pass it on
    graph_.kind_of[node] = KindWith(graph_.kind_of[node], state);
    if (state == kAttached) attached_.push_back(node);
    if (state == kDetached) detached_.push_back(node);
  }

  uint32_t KindWith(uint32_t kind, uint8_t state) {
    const auto [entry, added] = kinds_.try_emplace({kind, state}, 0);
    if (!added) return entry->second;
    Kind changed = graph_.kinds[kind];
    changed.detachedness = state;
    if (state == kDetached) {
      const auto [name, first] = names_.try_emplace(changed.name, 0);
      if (first)
        name->second = graph_.strings.Add("Detached " + std::string(graph_.strings[changed.name]));
      changed.name = name->second;
    }
    graph_.kinds.push_back(changed);
    return entry->second = static_cast<uint32_t>(graph_.kinds.size() - 1);
  }

  Graph& graph_;
  Column<uint8_t> visited_;
  Column<Node> attached_;
  Column<Node> detached_;
  std::map<std::pair<uint32_t, uint8_t>, uint32_t> kinds_;
  std::map<uint32_t, uint32_t> names_;
};

}  // namespace

void PropagateDetachedness(Graph& graph) {
  bool any = false;
  for (const Kind& kind : graph.kinds) any |= kind.detachedness != kUnknown;
  if (any) Propagation(graph).Run();
}

}  // namespace heapscope::graph
