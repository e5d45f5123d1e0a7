#include "graph/essential.h"

#include "graph/prefetch.h"

namespace heapscope::graph {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes `tail` off the end.
bool DropEnd(std::string_view& text, std::string_view tail) {
  if (!text.ends_with(tail)) return false;
  text.remove_suffix(tail.size());
  return true;
}

// Takes a number off the end; false if there is none.
bool DropNumber(std::string_view& text, uint64_t& value) {
  size_t start = text.size();
  while (start > 0 && IsDigit(text[start - 1])) --start;
  if (start == text.size() || text.size() - start > 18) return false;
  value = 0;
  for (size_t i = start; i < text.size(); ++i)
    value = value * 10 + static_cast<uint64_t>(text[i] - '0');
  text.remove_suffix(text.size() - start);
  return true;
}

// A regular expression's dot stops at these.
bool HasLineEnd(std::string_view text) {
  return text.find_first_of("\n\r") != text.npos || text.find("\xe2\x80\xa8") != text.npos ||
         text.find("\xe2\x80\xa9") != text.npos;
}

}  // namespace

// <digits> / part of key (… @<digits>) -> value (… @<digits>) pair in WeakMap (table @<digits>)
uint64_t WeakMapTableId(std::string_view name) {
  if (name.empty() || !IsDigit(name[0])) return 0;
  size_t at = 0;
  while (at < name.size() && IsDigit(name[at])) ++at;
  name.remove_prefix(at);
  constexpr std::string_view kStart = " / part of key (";
  if (!name.starts_with(kStart)) return 0;
  name.remove_prefix(kStart.size());
  uint64_t table, number;
  if (!DropEnd(name, ")") || !DropNumber(name, table) ||
      !DropEnd(name, ") pair in WeakMap (table @") || !DropNumber(name, number) ||
      !DropEnd(name, " @") || HasLineEnd(name)) {
    return 0;
  }
  constexpr std::string_view kMiddle = ") -> value (";
  for (size_t from = 0; (from = name.find(kMiddle, from)) != name.npos; ++from) {
    std::string_view key = name.substr(0, from);
    if (DropNumber(key, number) && DropEnd(key, " @")) return table;
  }
  return 0;
}

Essential::Essential(Graph& graph) : graph_(graph) {
  ReadWeakMapEntries();
  FlagKinds();
  FindUserRoots();
}

void Essential::ReadWeakMapEntries() {
  constexpr auto kInternal = static_cast<uint8_t>(EdgeType::kInternal);
  uint32_t last = kNoNode;
  for (size_t i = 0; i < graph_.label_types.size(); ++i) {
    const uint32_t name = graph_.label_names[i];
    if (graph_.label_types[i] != kInternal || name == last) continue;
    last = name;
    const uint64_t table = WeakMapTableId(graph_.strings[name]);
    if (table != 0) tables_.emplace(name, table);
  }
}

void Essential::FlagKinds() {
  for (Kind& kind : graph_.kinds) {
    bool simple = true;
    bool weak_table = false;
    for (uint32_t i = kind.labels; i < kind.labels + kind.edges; ++i) {
      switch (static_cast<EdgeType>(graph_.label_types[i])) {
        case EdgeType::kWeak:
        case EdgeType::kShortcut:
          simple = false;
          break;
        case EdgeType::kInternal:
          if (!tables_.empty() && tables_.contains(graph_.label_names[i])) weak_table = true;
          break;
        default:
          break;
      }
    }
    kind.flags = static_cast<uint8_t>((simple && !weak_table ? Kind::kSimple : 0) |
                                      (weak_table ? Kind::kWeakTable : 0));
  }
}

bool Essential::HoldsByLabel(Node from, Edge edge) const {
  switch (graph_.TypeOf(edge)) {
    case EdgeType::kWeak:
      return false;
    case EdgeType::kShortcut:
      return from == graph_.facts.root;
    case EdgeType::kInternal: {
      if (tables_.empty()) return true;
      const auto found = tables_.find(graph_.NameOf(edge));
      return found == tables_.end() || found->second != graph_.ids[from];
    }
    default:
      return true;
  }
}

// What the root's shortcuts lead to (global objects), and the trees of documents.
void Essential::FindUserRoots() {
  Edge edge;
  for (EdgeCursor cursor = graph_.EdgesOf(graph_.facts.root); cursor.Next(edge);) {
    const EdgeType type = graph_.TypeOf(edge);
    const bool document = type == EdgeType::kElement &&
                          graph_.KindOf(edge.target).type == NodeType::kSynthetic &&
                          graph_.NameOf(edge.target) == "(Document DOM trees)";
    if (document || type == EdgeType::kShortcut) user_roots_.push_back(edge.target);
  }
}

// What they lead to, weak edges apart. In whatever order: so each node waits a few turns in a ring
// while its memory comes.
void Essential::MarkUserObjects(Control& control) {
  constexpr uint64_t kRing = 32;
  Node ring[kRing] = {};
  user_ = Bits(graph_.nodes());
  Column<Node> stack = std::move(user_roots_);
  size_t roots = 0;
  for (const Node node : stack) {
    if (user_.Add(node)) stack[roots++] = node;
  }
  stack.Resize(roots);
  Edge edge;
  uint64_t entered = 0;
  for (uint64_t left = 0;; ++left) {
    control.Tick(left);
    while (entered < left + kRing && !stack.empty()) {
      ring[entered++ % kRing] = stack.back();
      graph_.PrefetchNode(stack.back());
      stack.pop_back();
    }
    if (entered == left) break;
    if (entered > left + kRing / 2) graph_.PrefetchEdges(ring[(left + kRing / 2) % kRing]);
    const Node node = ring[left % kRing];
    const bool simple = (graph_.KindOf(node).flags & Kind::kSimple) != 0;
    for (EdgeCursor cursor = graph_.EdgesOf(node); cursor.Next(edge);) {
      if (user_[edge.target] || (!simple && graph_.TypeOf(edge) == EdgeType::kWeak)) continue;
      user_.Set(edge.target);
      stack.push_back(edge.target);
    }
  }
}

}  // namespace heapscope::graph
