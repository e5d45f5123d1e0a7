#include "graph/ref_count.h"

#include <algorithm>
#include <map>

#include "graph/essential.h"

namespace heapscope::graph {

namespace {

// Stores that are part of an object: what they hold, it holds.
bool IsBackingStore(const Graph& graph, Node node) {
  const Kind& kind = graph.KindOf(node);
  if (kind.type != NodeType::kArray && kind.type != NodeType::kHidden) return false;
  const std::string_view name = graph.strings[kind.name];
  return kind.type == NodeType::kArray || name == "(object elements)" ||
         name == "(object properties)" || name == "(bound arguments)" ||
         name.find("OrderedHash") != name.npos || name.find("EphemeronHashTable") != name.npos ||
         name.find("PropertyArray") != name.npos || name.find("NameDictionary") != name.npos ||
         name.find("NumberDictionary") != name.npos;
}

// The one node that has it as its elements, properties or table; itself if several do; none if only
// roots do, as with the table of what weak references keep during a turn.
Node OwnerOf(const Graph& graph, const Referrers& referrers, Node store) {
  Node owner = kNoNode;
  bool several = false;
  referrers.ForEach(graph, store, [&](Node source, Edge edge) {
    const EdgeType type = graph.TypeOf(edge);
    if (type == EdgeType::kWeak || source == store) return true;
    if (graph.KindOf(source).type == NodeType::kSynthetic) return true;
    several = owner != kNoNode && owner != source;
    owner = source;
    return !several;
  });
  return several ? store : owner;
}

bool IsHiddenClass(NodeType type) {
  return type == NodeType::kObjectShape || type == NodeType::kCode;
}

}  // namespace

Reference ReferenceOf(const Graph& graph, Node source, Edge edge) {
  const EdgeType type = graph.TypeOf(edge);
  const Kind& kind = graph.KindOf(source);
  const std::string_view name = graph.strings[kind.name];
  if (type == EdgeType::kWeak) return Reference::kWeak;
  if (kind.type == NodeType::kSynthetic) return Reference::kRoot;
  // A variable of a block: V8 names only those of functions. What a Proxy forwards to it names
  // never.
  if (type == EdgeType::kHidden && (name == "system / Context" || name == "system / JSProxy")) {
    return Reference::kOwn;
  }
  if (type == EdgeType::kHidden || type == EdgeType::kShortcut || type == EdgeType::kInvisible ||
      IsHiddenClass(kind.type)) {
    return Reference::kInternal;
  }
  if (kind.type == NodeType::kHidden) {
    if (name.starts_with("system / Map")) return Reference::kInternal;
    // Of a property of the global object, which has its own edge.
    if (name.starts_with("system / PropertyCell")) return Reference::kRepeated;
  }
  // The key's half of a WeakMap's entry counts.
  if (type == EdgeType::kInternal &&
      WeakMapTableId(graph.strings[graph.NameOf(edge)]) == graph.ids[source]) {
    return Reference::kRepeated;
  }
  return IsBackingStore(graph, source) ? Reference::kStored : Reference::kOwn;
}

RefCount CountReferences(const Graph& graph, const Referrers& referrers, Node node) {
  struct Slots {
    uint64_t own = 0;
    uint64_t stored = 0;
  };
  RefCount result;
  std::map<Node, Slots> holders;
  referrers.ForEach(graph, node, [&](Node source, Edge edge) {
    switch (ReferenceOf(graph, source, edge)) {
      case Reference::kOwn:
        ++holders[source].own;
        break;
      case Reference::kStored: {
        const Node owner = OwnerOf(graph, referrers, source);
        ++(owner == kNoNode ? result.roots : holders[owner].stored);
        break;
      }
      case Reference::kRoot:
        ++result.roots;
        break;
      case Reference::kInternal:
        ++result.internal;
        break;
      case Reference::kWeak:
        ++result.weak;
        break;
      case Reference::kRepeated:
        break;
    }
    return true;
  });
  for (const auto& [holder, slots] : holders) result.counted += std::max(slots.own, slots.stored);
  return result;
}

}  // namespace heapscope::graph
