#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "graph/column.h"
#include "graph/packed.h"
#include "graph/prefetch.h"
#include "graph/strings.h"
#include "graph/varint.h"

namespace heapscope::graph {

using Node = uint32_t;
inline constexpr Node kNoNode = 0xffffffff;

// V8's names for them are in node_types.h.
enum class NodeType : uint8_t {
  kHidden,
  kArray,
  kString,
  kObject,
  kCode,
  kClosure,
  kRegExp,
  kNumber,
  kNative,
  kSynthetic,
  kConsString,
  kSlicedString,
  kSymbol,
  kBigInt,
  kObjectShape,
  kWasmObject,
  kOther,
};
inline constexpr int kNodeTypes = 17;

enum class EdgeType : uint8_t {
  kContext,
  kElement,
  kProperty,
  kInternal,
  kHidden,
  kShortcut,
  kWeak,
  kInvisible,
};
inline constexpr int kEdgeTypes = 8;

// Element and hidden edges are numbered, the others bear names.
inline bool HasIndex(EdgeType type) {
  return type == EdgeType::kElement || type == EdgeType::kHidden;
}

// What nodes have in common: type, name, and the types and names of their edges in order. A heap
// has hundreds of nodes of each, so all this is kept, and worked out, once.
struct Kind {
  enum Flags : uint8_t {
    kSimple = 1,     // all its edges hold what they lead to
    kWeakTable = 2,  // some of its edges may be the table's half of a weak map's entry
  };
  uint32_t name;
  uint32_t labels;  // where the labels of its edges begin
  uint32_t edges;
  uint32_t location;  // 1 + index of a Location, or 0
  uint32_t class_index;
  NodeType type;
  uint8_t detachedness;
  uint8_t flags;
  uint8_t reserved;
};
static_assert(sizeof(Kind) == 24);

struct Location {
  uint32_t script;
  uint32_t line;
  uint32_t column;
};

struct ClassRow {
  uint64_t count;
  uint64_t shallow;
  uint64_t retained;  // of its topmost instances
  uint32_t name;
  uint32_t key;  // DevTools' key, as text
  uint32_t first;
  uint32_t reserved;
};
static_assert(sizeof(ClassRow) == 40);

// Plain facts; part of the saved file as they stand.
struct Facts {
  uint64_t edges = 0;
  uint64_t total_shallow = 0;
  uint64_t unreachable = 0;
  uint64_t extra_native_bytes = 0;
  uint64_t pause_ns = 0;
  uint64_t reading_ns = 0;
  uint64_t analysis_ns = 0;
  uint32_t root = 0;
  uint32_t comparable_ids = 0;
};

struct Edge {
  Node target;
  uint32_t label;
};

class Graph;

// Walks the edges of one node. What a damaged file would lead astray throws.
class EdgeCursor {
 public:
  EdgeCursor(const Graph& graph, Node node);

  bool Next(Edge& edge) {
    if (left_ == 0) return false;
    --left_;
    uint64_t delta = 0;
    if (in_ < end_ && *in_ < 0x80) {
      delta = *in_++;
    } else {
      in_ = ReadVarint(in_, end_, delta);
    }
    last_ += static_cast<Node>(UnZigZag(delta));
    if (last_ >= nodes_) Damaged();
    edge = {last_, label_++};
    return true;
  }

 private:
  [[noreturn]] static void Damaged();

  const uint8_t* in_;
  const uint8_t* end_;
  Node last_;
  Node nodes_;
  uint32_t label_;
  uint32_t left_;
};

// A heap graph: filled by a Builder and the analysis, or mapped from a file, and only read from
// then on. Node 0 … n-1 are in V8's order.
class Graph {
 public:
  uint32_t nodes() const { return static_cast<uint32_t>(kind_of.size()); }

  const Kind& KindOf(Node node) const {
    const uint32_t kind = kind_of[node];
    if (kind >= kinds.size()) Damaged();
    return kinds[kind];
  }
  EdgeCursor EdgesOf(Node node) const { return EdgeCursor(*this, node); }
  EdgeType TypeOf(Edge edge) const { return static_cast<EdgeType>(label_types[edge.label]); }
  uint32_t NameOf(Edge edge) const { return label_names[edge.label]; }
  std::string_view NameOf(Node node) const { return strings[KindOf(node).name]; }
  uint32_t ClassOf(Node node) const {
    const uint32_t index = KindOf(node).class_index;
    if (index >= classes.size()) Damaged();
    return index;
  }
  // Walking far, ahead of EdgesOf: first the node, and when that is there its kind and edges.
  void PrefetchNode(Node node) const {
    Prefetch(&kind_of[node]);
    Prefetch(&edges_at[node]);
  }
  void PrefetchEdges(Node node) const {
    Prefetch(kinds.data() + kind_of[node]);
    Prefetch(edge_bytes.data() + edges_at[node]);
  }
  // The root's, and a damaged node's, is none.
  Node DominatorOf(Node node) const {
    return dominator[node] < nodes() ? dominator[node] : kNoNode;
  }

  size_t memory() const;
  // Throws if kinds or classes, which the other sections rely on, point outside. For a mapped file.
  void Validate() const;
  [[noreturn]] static void Damaged();

  Facts facts;
  Column<uint32_t> kind_of;
  Column<uint32_t> edges_at;  // n + 1 positions in edge_bytes
  Column<uint8_t> edge_bytes;
  Packed ids;
  Packed shallow;
  Column<Node> dominator;
  Column<uint64_t> retained;
  Column<Kind> kinds;
  Column<uint32_t> label_names;
  Column<uint8_t> label_types;
  Column<Location> locations;
  Column<ClassRow> classes;
  Strings strings;
  std::shared_ptr<void> mapping;  // keeps what the columns view
};

inline EdgeCursor::EdgeCursor(const Graph& graph, Node node) {
  const Kind& kind = graph.KindOf(node);
  const uint32_t from = graph.edges_at[node];
  const uint32_t to = graph.edges_at[node + 1];
  if (from > to || to > graph.edge_bytes.size() ||
      uint64_t{kind.labels} + kind.edges > graph.label_types.size()) {
    Damaged();
  }
  in_ = graph.edge_bytes.data() + from;
  end_ = graph.edge_bytes.data() + to;
  last_ = node;
  nodes_ = graph.nodes();
  label_ = kind.labels;
  left_ = kind.edges;
}

}  // namespace heapscope::graph
