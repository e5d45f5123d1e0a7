#include "graph/cycles.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "graph/ref_count.h"

namespace heapscope::graph {

namespace {

constexpr std::string_view kSkippedNames[] = {
    "map",    "__proto__",     "constructor", "prototype",      "initial_map",
    "shared", "feedback_cell", "code",        "native_context", "scope_info",
};

class Components {
 public:
  Components(const Graph& graph, Control& control) : graph_(graph), control_(control) {
    skipped_ = Column<uint8_t>(graph.strings.size());
    for (uint32_t i = 0; i < skipped_.size(); ++i) {
      skipped_[i] = std::find(std::begin(kSkippedNames), std::end(kSkippedNames),
                              graph.strings[i]) != std::end(kSkippedNames);
    }
  }

  // Tarjan's algorithm with its own stack. Calls found(members, count) for each component of more
  // than one node and each node that refers to itself.
  template <typename F>
  void ForEach(F&& found) {
    struct Frame {
      EdgeCursor cursor;
      Node node;
      uint32_t low;
    };
    auto number = Column<uint32_t>::Zeroed(graph_.nodes());  // 0: not seen
    Column<Node> open;
    Column<Frame> stack;
    uint32_t count = 0;
    constexpr uint32_t kClosed = 0xffffffff;
    const auto enter = [&](Node node) {
      control_.Tick(count);
      number[node] = ++count;
      open.push_back(node);
      stack.push_back({graph_.EdgesOf(node), node, count});
    };
    for (Node start = 0; start < graph_.nodes(); ++start) {
      if (number[start] != 0 || !Counts(start)) continue;
      enter(start);
      while (!stack.empty()) {
        Frame& frame = stack.back();
        Edge edge;
        Node next = kNoNode;
        while (next == kNoNode && frame.cursor.Next(edge)) {
          if (!Follows(edge)) continue;
          if (number[edge.target] == 0) {
            if (Counts(edge.target)) next = edge.target;
          } else if (number[edge.target] != kClosed) {
            frame.low = std::min(frame.low, number[edge.target]);
          }
        }
        if (next != kNoNode) {
          enter(next);
          continue;
        }
        const Frame done = frame;
        stack.pop_back();
        if (!stack.empty()) stack.back().low = std::min(stack.back().low, done.low);
        if (done.low != number[done.node]) continue;
        size_t first = open.size();
        do {
          --first;
          number[open[first]] = kClosed;
        } while (open[first] != done.node);
        const size_t size = open.size() - first;
        if (size > 1 || RefersToItself(done.node)) found(open.data() + first, size);
        open.Resize(first);
      }
    }
  }

  bool Follows(Edge edge) const {
    switch (graph_.TypeOf(edge)) {
      case EdgeType::kHidden:
      case EdgeType::kShortcut:
      case EdgeType::kWeak:
      case EdgeType::kInvisible:
        return false;
      case EdgeType::kElement:
        return true;
      default:
        return !(graph_.NameOf(edge) < skipped_.size() && skipped_[graph_.NameOf(edge)]);
    }
  }

  bool Counts(Node node) const {
    const NodeType type = graph_.KindOf(node).type;
    return type != NodeType::kCode && type != NodeType::kHidden && type != NodeType::kObjectShape &&
           type != NodeType::kSynthetic;
  }

 private:
  bool RefersToItself(Node node) const {
    Edge edge;
    for (EdgeCursor cursor = graph_.EdgesOf(node); cursor.Next(edge);) {
      if (edge.target == node && Follows(edge)) return true;
    }
    return false;
  }

  const Graph& graph_;
  Control& control_;
  Column<uint8_t> skipped_;
};

struct Found {
  uint64_t retained;
  Node first;
  uint32_t at;  // in the list of all members
  uint32_t size;
};

// Who has the backing store, where only one does; else the store itself.
Node HolderOf(const Graph& graph, Node store) {
  const Node above = graph.DominatorOf(store);
  if (above == kNoNode) return store;
  Edge edge;
  for (EdgeCursor cursor = graph.EdgesOf(above); cursor.Next(edge);) {
    if (edge.target == store && graph.TypeOf(edge) != EdgeType::kWeak) return above;
  }
  return store;
}

// Counts the references into each cycle: `into` tells of a node the cycle it is of. What a member's
// backing store refers to the member does; what owner and store both refer to counts once.
void CountEntries(const Graph& graph, const Column<uint32_t>& into, Control& control,
                  std::vector<Cycle>& cycles) {
  struct Slots {
    uint64_t own = 0, stored = 0;
  };
  std::unordered_map<uint64_t, Slots> holders;  // by cycle and holder
  const auto slots = [&](uint32_t cycle, Node holder) -> Slots& {
    return holders[uint64_t{cycle} << 32 | holder];
  };
  Edge edge;
  for (Node node = 0; node < graph.nodes(); ++node) {
    control.Tick(node);
    Node holder = kNoNode;  // of a store, once it is asked for
    for (EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) {
      const uint32_t cycle = into[edge.target];
      if (cycle == kNoNode || cycle == into[node]) continue;
      switch (ReferenceOf(graph, node, edge)) {
        case Reference::kOwn:
        case Reference::kRoot:
          ++slots(cycle, node).own;
          break;
        case Reference::kStored: {
          if (holder == kNoNode) holder = HolderOf(graph, node);
          if (into[holder] != cycle) ++slots(cycle, holder).stored;
          break;
        }
        case Reference::kInternal:
        case Reference::kWeak:
        case Reference::kRepeated:
          break;
      }
    }
  }
  for (const auto& [key, each] : holders) {
    cycles[key >> 32].entries += std::max(each.own, each.stored);
  }
}

}  // namespace

Cycles FindCycles(const Graph& graph, const std::vector<uint32_t>& classes, size_t limit,
                  size_t max_members, Control& control) {
  control.Begin(Stage::kTraversal, graph.nodes());
  Components components(graph, control);
  Column<Node> members;
  std::vector<Found> all;
  Column<uint32_t> component(graph.nodes(), kNoNode);
  components.ForEach([&](const Node* nodes, size_t size) {
    const auto at = static_cast<uint32_t>(members.size());
    members.Append(nodes, size);
    std::sort(members.begin() + at, members.end());
    for (size_t i = at; i < members.size(); ++i) {
      component[members[i]] = static_cast<uint32_t>(all.size());
    }
    all.push_back({0, members[at], at, static_cast<uint32_t>(size)});
  });
  if (!classes.empty()) {
    auto wanted = Column<uint8_t>::Zeroed(graph.classes.size());
    for (const uint32_t index : classes) wanted[index] = 1;
    std::erase_if(all, [&](const Found& found) {
      const Node* const first = members.data() + found.at;
      return std::none_of(first, first + found.size,
                          [&](Node node) { return wanted[graph.ClassOf(node)] != 0; });
    });
  }
  // What the component keeps alive. If a member dominates another, so does every node between them,
  // and those are members too: it is enough to look one step up.
  for (Found& found : all) {
    for (uint32_t i = found.at; i < found.at + found.size; ++i) {
      const Node above = graph.DominatorOf(members[i]);
      if (above == kNoNode || component[above] != component[members[i]]) {
        found.retained += graph.retained[members[i]];
      }
    }
  }
  component.Free();
  std::sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
    return a.retained != b.retained ? a.retained > b.retained : a.first < b.first;
  });
  Cycles result;
  result.total = all.size();
  auto counts = Column<uint32_t>::Zeroed(graph.strings.size());  // by a class's name
  const auto count_of = [&](Node node) -> uint32_t& {
    const uint32_t name = graph.classes[graph.ClassOf(node)].name;
    if (name >= counts.size()) Graph::Damaged();
    return counts[name];
  };
  Column<uint32_t> shown(graph.nodes(), kNoNode);
  for (const Found& found : all) {
    if (limit != 0 && result.cycles.size() == limit) break;
    Cycle cycle;
    const Node* const first = members.data() + found.at;
    cycle.members.assign(first, first + std::min<size_t>(found.size, max_members));
    cycle.size = found.size;
    cycle.retained = found.retained;
    cycle.self = found.size == 1;
    for (uint32_t i = 0; i < found.size; ++i) {
      shown[first[i]] = static_cast<uint32_t>(result.cycles.size());
      if (count_of(first[i])++ == 0) cycle.classes.push_back({first[i], 0});
    }
    for (Cycle::Class& each : cycle.classes) {
      each.count = std::exchange(count_of(each.member), 0);
    }
    std::stable_sort(cycle.classes.begin(), cycle.classes.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    result.cycles.push_back(std::move(cycle));
  }
  CountEntries(graph, shown, control, result.cycles);
  return result;
}

}  // namespace heapscope::graph
