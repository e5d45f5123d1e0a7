#include "graph/classes.h"

#include <string>
#include <unordered_map>

#include "graph/interfaces.h"
#include "graph/node_types.h"

namespace heapscope::graph {

namespace {

// `<div id="a">` is a `<div>`, attached or detached.
std::string ElementName(std::string_view name) {
  size_t from = 0;
  if (name.starts_with("Detached <")) {
    from = 10;
  } else if (!name.starts_with("<")) {
    return std::string(name);
  }
  const size_t space = name.find(' ', from);
  return space == name.npos ? std::string(name) : std::string(name.substr(0, space)) + ">";
}

class ClassTable {
 public:
  explicit ClassTable(Graph& graph) : graph_(graph), interfaces_(graph) {}

  void Fill() {
    for (uint32_t i = 0; i < graph_.kinds.size(); ++i) {
      graph_.kinds[i].class_index = ClassOf(i, graph_.kinds[i]);
    }
  }

 private:
  uint32_t ClassOf(uint32_t index, const Kind& kind) {
    const uint32_t interface = interfaces_.Of(index);
    if (interface != kNoNode) return Named(interfaces_.names()[interface], kind.location);
    if (kind.type == NodeType::kObject || kind.type == NodeType::kNative) {
      const uint64_t source = uint64_t{kind.location} << 32 | kind.name;
      const auto [entry, added] = by_source_.try_emplace(source, 0);
      if (added) entry->second = Named(ElementName(graph_.strings[kind.name]), kind.location);
      return entry->second;
    }
    uint32_t& known = by_type_[static_cast<int>(kind.type)];
    if (known == 0) known = 1 + Named(TypeClass(kind.type), 0);
    return known - 1;
  }

  static std::string TypeClass(NodeType type) {
    switch (type) {
      case NodeType::kHidden:
        return "(system)";
      case NodeType::kCode:
        return "(compiled code)";
      case NodeType::kClosure:
        return "Function";
      case NodeType::kRegExp:
        return "RegExp";
      default:
        return std::string("(") + kNodeTypeNames[static_cast<int>(type)] + ")";
    }
  }

  uint32_t Named(const std::string& name, uint32_t location) {
    std::string key;
    if (location != 0) {
      const Location& at = graph_.locations[location - 1];
      key = std::to_string(at.script) + ',' + std::to_string(at.line) + ',' +
            std::to_string(at.column);
    }
    key += ',' + name;
    const auto [entry, added] =
        by_key_.try_emplace(key, static_cast<uint32_t>(graph_.classes.size()));
    if (added) {
      const uint32_t name_index = graph_.strings.Add(name);
      graph_.classes.push_back({.count = 0,
                                .shallow = 0,
                                .retained = 0,
                                .name = name_index,
                                .key = graph_.strings.Add(key),
                                .first = kNoNode,
                                .reserved = 0});
    }
    return entry->second;
  }

  Graph& graph_;
  const Interfaces interfaces_;
  std::unordered_map<uint64_t, uint32_t> by_source_;
  uint32_t by_type_[kNodeTypes] = {};
  std::unordered_map<std::string, uint32_t> by_key_;
};

}  // namespace

void NameClasses(Graph& graph) {
  ClassTable(graph).Fill();
  graph.strings.Shrink();
}

void SumClasses(Graph& graph, const Column<Node>& preorder, Control& control) {
  control.Begin(Stage::kClasses, graph.nodes());
  Column<uint8_t> counted(graph.nodes());
  graph.shallow.ForEach([&](size_t node, uint64_t size) {
    counted[node] = size != 0;
    if (size == 0) return;
    ClassRow& row = graph.classes[graph.KindOf(static_cast<Node>(node)).class_index];
    if (row.count++ == 0) row.first = static_cast<Node>(node);
    row.shallow += size;
  });
  // On the way down the tree: which instance of each class is the topmost, if we are below one.
  struct Topmost {
    Node node;
    uint32_t class_index;
  };
  auto below = Column<uint8_t>::Zeroed(graph.classes.size());
  Column<Topmost> path;
  Column<Node> way;  // from the root to the node before
  for (size_t i = 0; i < preorder.size(); ++i) {
    control.Tick(i);
    const Node node = preorder[i];
    while (!way.empty() && way.back() != graph.dominator[node]) {
      if (!path.empty() && path.back().node == way.back()) {
        below[path.back().class_index] = 0;
        path.pop_back();
      }
      way.pop_back();
    }
    way.push_back(node);
    if (!counted[node]) continue;
    const uint32_t class_index = graph.KindOf(node).class_index;
    if (below[class_index]) continue;
    below[class_index] = 1;
    path.push_back({node, class_index});
    graph.classes[class_index].retained += graph.retained[node];
  }
}

}  // namespace heapscope::graph
