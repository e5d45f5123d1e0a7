#include "graph/suspects.h"

#include <algorithm>

namespace heapscope::graph {

namespace {

// MAT's: the memory has gathered where the biggest child keeps less than this of it; a class's
// instances hang together where their common holder keeps at least this of what they do.
constexpr double kChildShare = 0.7;
constexpr double kGroupShare = 0.8;
// Ours: what has gathered is most of what the suspect retains.
constexpr double kLeastGathered = 0.5;

struct Child {
  Node node = kNoNode;
  uint64_t retained = 0;
};

class Finder {
 public:
  Finder(const Graph& graph, double share, Control& control)
      : graph_(graph),
        control_(control),
        least_(static_cast<double>(graph.facts.total_shallow) * share) {}

  std::vector<Suspect> Run() {
    control_.Begin(Stage::kClasses, graph_.nodes());
    MarkScaffold();
    FindBiggestChildren();
    SortByDepth();
    auto single = Column<uint8_t>::Zeroed(graph_.nodes());
    std::vector<Suspect> suspects;
    for (Node node = 0; node < graph_.nodes(); ++node) {
      if (!Big(graph_.retained[node]) || IsScaffold(node)) continue;
      single[node] = 1;
      // Only the topmost: what it holds is its own story, told by the accumulation point.
      const Node above = graph_.DominatorOf(node);
      if (above != kNoNode && !IsScaffold(above)) continue;
      suspects.push_back(Describe(node));
    }
    FindGroups(single, suspects);
    // Where a single suspect holds the objects of a class, that tells it all.
    std::erase_if(suspects, [&](const Suspect& suspect) {
      return suspect.node == kNoNode && IsWithin(suspect.accumulation, suspects);
    });
    std::sort(suspects.begin(), suspects.end(), [](const Suspect& a, const Suspect& b) {
      return a.retained != b.retained ? a.retained > b.retained : a.class_index < b.class_index;
    });
    return suspects;
  }

 private:
  bool Big(uint64_t size) const { return size > 0 && static_cast<double>(size) >= least_; }

  // Whether a single one of them dominates the node, or is it.
  bool IsWithin(Node node, const std::vector<Suspect>& suspects) const {
    for (; node != kNoNode; node = graph_.DominatorOf(node)) {
      for (const Suspect& suspect : suspects) {
        if (suspect.node == node) return true;
      }
    }
    return false;
  }

  bool IsScaffold(Node node) const { return scaffold_[node] != 0; }

  // What holds everything in every heap: V8's roots, its contexts and the global objects.
  void MarkScaffold() {
    scaffold_ = Column<uint8_t>(graph_.nodes());
    for (Node node = 0; node < graph_.nodes(); ++node) {
      control_.Tick(node);
      const Kind& kind = graph_.KindOf(node);
      scaffold_[node] =
          kind.type == NodeType::kSynthetic ||
          (kind.type == NodeType::kHidden && graph_.strings[kind.name] == "system / NativeContext");
    }
    scaffold_[graph_.facts.root] = 1;
    Edge edge;
    for (EdgeCursor cursor = graph_.EdgesOf(graph_.facts.root); cursor.Next(edge);) {
      if (graph_.TypeOf(edge) != EdgeType::kShortcut) continue;
      scaffold_[edge.target] = 1;
      // Node 26 has the context there, and the global object beneath.
      if (graph_.KindOf(edge.target).type == NodeType::kHidden) MarkGlobalObject(edge.target);
    }
  }

  void MarkGlobalObject(Node context) {
    Edge edge;
    for (EdgeCursor cursor = graph_.EdgesOf(context); cursor.Next(edge);) {
      if (graph_.TypeOf(edge) != EdgeType::kInternal) continue;
      const std::string_view name = graph_.strings[graph_.NameOf(edge)];
      if (name == "global_object" || name == "global_proxy_object") scaffold_[edge.target] = 1;
    }
  }

  void FindBiggestChildren() {
    biggest_ = Column<Node>(graph_.nodes(), kNoNode);
    for (Node node = 0; node < graph_.nodes(); ++node) {
      control_.Tick(node);
      const Node above = graph_.DominatorOf(node);
      if (above == kNoNode) continue;
      if (biggest_[above] == kNoNode || graph_.retained[node] > graph_.retained[biggest_[above]]) {
        biggest_[above] = node;
      }
    }
  }

  uint64_t ChildOf(Node node) const {
    return biggest_[node] == kNoNode ? 0 : graph_.retained[biggest_[node]];
  }

  // Down the biggest children, as long as one of them keeps most of it.
  Suspect Describe(Node node) const {
    Node at = node;
    while (biggest_[at] != kNoNode && static_cast<double>(ChildOf(at)) >=
                                          kChildShare * static_cast<double>(graph_.retained[at])) {
      at = biggest_[at];
    }
    // Down a list it becomes less and less, and gathers nowhere.
    if (static_cast<double>(graph_.retained[at]) <
        kLeastGathered * static_cast<double>(graph_.retained[node])) {
      at = node;
    }
    return {node, graph_.ClassOf(node), 1,          graph_.retained[node],
            at,   graph_.retained[at],  ChildOf(at)};
  }

  // Classes no instance of which is a suspect, though together they retain that much.
  void FindGroups(const Column<uint8_t>& single, std::vector<Suspect>& suspects) const {
    for (uint32_t i = 0; i < graph_.classes.size(); ++i) {
      const ClassRow& row = graph_.classes[i];
      if (!Big(row.retained) || row.first >= graph_.nodes() || IsScaffold(row.first)) continue;
      const NodeType type = graph_.KindOf(row.first).type;
      if (type != NodeType::kObject && type != NodeType::kNative && type != NodeType::kClosure)
        continue;
      const Group group = GroupOf(i, single);
      if (group.has_single) continue;
      Suspect suspect{kNoNode, i, row.count, row.retained, kNoNode, 0, 0};
      if (!IsScaffold(group.common) &&
          static_cast<double>(graph_.retained[group.common]) * kGroupShare <=
              static_cast<double>(row.retained)) {
        suspect.accumulation = group.common;
        suspect.accumulated = graph_.retained[group.common];
        suspect.biggest_child = ChildOf(group.common);
      }
      suspects.push_back(suspect);
    }
  }

  struct Group {
    bool has_single = false;
    Node common;  // the deepest node that dominates, or is, all of them
  };

  Group GroupOf(uint32_t class_index, const Column<uint8_t>& single) const {
    Group group{false, graph_.facts.root};
    Column<uint32_t> below(graph_.nodes(), 0);
    uint32_t all = 0;
    for (Node node = 0; node < graph_.nodes(); ++node) {
      control_.Tick(node);
      if (graph_.ClassOf(node) != class_index) continue;
      group.has_single |= single[node] != 0;
      below[node] = 1;
      ++all;
    }
    for (size_t i = by_depth_.size(); i > 0; --i) {
      const Node node = by_depth_[i - 1];
      if (below[node] == all) {
        group.common = node;
        break;
      }
      const Node above = graph_.DominatorOf(node);
      if (above != kNoNode) below[above] += below[node];
    }
    return group;
  }

  // Every node behind its dominator.
  void SortByDepth() {
    constexpr uint32_t kUnknown = 0xffffffff;
    Column<uint32_t> depth(graph_.nodes(), kUnknown);
    Column<uint32_t> at;
    Column<Node> way;
    for (Node node = 0; node < graph_.nodes(); ++node) {
      control_.Tick(node);
      Node up = node;
      for (; up != kNoNode && depth[up] == kUnknown; up = graph_.DominatorOf(up)) {
        way.push_back(up);
        if (way.size() > graph_.nodes()) Graph::Damaged();
      }
      uint32_t last = up == kNoNode ? kUnknown : depth[up];  // the root's becomes 0
      for (; !way.empty(); way.pop_back()) depth[way.back()] = ++last;
      while (at.size() <= size_t{depth[node]} + 1) at.push_back(0);
    }
    for (const uint32_t d : depth) ++at[d + 1];
    for (size_t i = 1; i < at.size(); ++i) at[i] += at[i - 1];
    by_depth_ = Column<Node>(graph_.nodes());
    for (Node node = 0; node < graph_.nodes(); ++node) by_depth_[at[depth[node]]++] = node;
  }

  const Graph& graph_;
  Control& control_;
  const double least_;
  Column<uint8_t> scaffold_;
  Column<Node> biggest_;
  Column<Node> by_depth_;
};

}  // namespace

std::vector<Suspect> FindSuspects(const Graph& graph, double share, Control& control) {
  return Finder(graph, share, control).Run();
}

Content ContentOf(const Graph& graph, Node node, Control& control) {
  Content content;
  Column<uint32_t> row_of(graph.classes.size(), kNoNode);
  for (Node child = 0; child < graph.nodes(); ++child) {
    control.Tick(child);
    if (graph.dominator[child] != node) continue;
    ++content.children;
    uint32_t& at = row_of[graph.ClassOf(child)];
    if (at == kNoNode) {
      at = static_cast<uint32_t>(content.rows.size());
      content.rows.push_back({graph.ClassOf(child), child, 0, 0});
    }
    ++content.rows[at].count;
    content.rows[at].retained += graph.retained[child];
  }
  std::sort(content.rows.begin(), content.rows.end(),
            [&](const Content::Row& a, const Content::Row& b) {
              return a.retained != b.retained ? a.retained > b.retained
                                              : graph.strings[graph.classes[a.class_index].key] <
                                                    graph.strings[graph.classes[b.class_index].key];
            });
  return content;
}

}  // namespace heapscope::graph
