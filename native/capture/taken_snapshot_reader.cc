#include "capture/taken_snapshot_reader.h"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "capture/names.h"
#include "capture/raw_snapshot.h"
#include "graph/builder.h"
#include "graph/column.h"
#include "graph/error.h"
#include "graph/prefetch.h"

namespace heapscope::capture {

namespace {

using graph::EdgeType;
using graph::NodeType;

NodeType NodeTypeOf(const v8::HeapGraphNode* node) {
  const int type = node->GetType();
  return type >= 0 && type < static_cast<int>(NodeType::kOther) ? static_cast<NodeType>(type)
                                                                : NodeType::kOther;
}

// Types whose names are contents: V8 would make a string of each.
bool HasContents(NodeType type) {
  return type == NodeType::kString || type == NodeType::kConsString ||
         type == NodeType::kSlicedString || type == NodeType::kNumber || type == NodeType::kBigInt;
}

// Node numbers by V8's ids. Those of objects are odd and run from 1; a few others may be anything.
class NodesById {
 public:
  explicit NodesById(uint32_t nodes) : dense_(size_t{nodes} * 8 + 64, graph::kNoNode) {}

  void Add(uint32_t id, uint32_t node) {
    if ((id & 1) != 0 && id / 2 < dense_.size()) {
      dense_[id / 2] = node;
    } else {
      others_.emplace(id, node);
    }
  }
  uint32_t Find(uint32_t id) const {
    if ((id & 1) != 0 && id / 2 < dense_.size()) return dense_[id / 2];
    const auto found = others_.find(id);
    return found == others_.end() ? graph::kNoNode : found->second;
  }

 private:
  graph::Column<uint32_t> dense_;
  std::unordered_map<uint32_t, uint32_t> others_;
};

class Reader {
 public:
  Reader(Napi::Env env, v8::Isolate* isolate, const v8::HeapSnapshot* snapshot)
      : env_(env), isolate_(isolate), snapshot_(snapshot) {}

  graph::Graph Read(bool by_layout) {
    graph::Graph graph;
    if (by_layout && Fill(true, graph)) return graph;
    if (Fill(false, graph)) return graph;
    throw graph::Error(graph::kErrorSnapshot, "V8's snapshot does not hold together");
  }

 private:
  static constexpr uint32_t kBatch = 512;
  static constexpr size_t kEdgeBatch = 4096, kAhead = 16;

  // False if V8's layout, where it was relied on, turned out not to be as expected.
  bool Fill(bool by_layout, graph::Graph& graph) {
    graph::Builder builder;
    Names names(env_, builder.strings());
    const auto count = static_cast<uint32_t>(snapshot_->GetNodesCount());
    NodesById by_id(by_layout ? 0 : count);
    NamesByWord node_words(names), edge_words(names);
    const auto consistent = [&] { return node_words.consistent() && edge_words.consistent(); };
    const auto each = [&](auto&& f) {
      for (uint32_t start = 0; start < count && consistent(); start += kBatch) {
        const v8::HandleScope scope(isolate_);
        for (uint32_t i = start; i < start + kBatch && i < count; ++i) {
          f(i, snapshot_->GetNode(static_cast<int>(i)));
        }
      }
    };
    each([&](uint32_t i, const v8::HeapGraphNode* node) {
      const NodeType type = NodeTypeOf(node);
      const uint32_t id = node->GetId();
      const size_t size = node->GetShallowSize();
      const auto ask = [&] { return names.Intern(node->GetName()); };
      uint32_t name = 0;
      if (by_layout) {
        const auto raw = Raw<RawNode>(node);
        if (raw.index() != i || raw.id != id || raw.size() != size) return node_words.Fail();
        if (!HasContents(type)) name = node_words.Of(raw.name, ask);
      } else {
        by_id.Add(id, i);
        if (!HasContents(type)) name = ask();
      }
      builder.AddNode(type, 0, name, id, size, static_cast<uint32_t>(node->GetChildrenCount()));
    });
    if (!consistent()) return false;
    builder.EndNodes();
    std::vector<const v8::HeapGraphEdge*> edges;
    edges.reserve(kEdgeBatch);
    const auto flush = [&] {
      const v8::HandleScope scope(isolate_);
      for (size_t i = 0; i < edges.size() && consistent(); ++i) {
        if (by_layout) {
          // An edge and its target lie anywhere in V8's snapshot.
          if (i + 2 * kAhead < edges.size()) graph::Prefetch(edges[i + 2 * kAhead]);
          if (i + kAhead < edges.size()) graph::Prefetch(Raw<RawEdge>(edges[i + kAhead]).to);
          AddByLayout(edges[i], edge_words, names, builder);
        } else {
          AddByAsking(edges[i], by_id, names, builder);
        }
      }
      edges.clear();
    };
    each([&](uint32_t, const v8::HeapGraphNode* node) {
      for (int i = 0, children = node->GetChildrenCount(); i < children; ++i) {
        edges.push_back(node->GetChild(i));
        if (edges.size() == kEdgeBatch) flush();
      }
    });
    flush();
    if (!consistent()) return false;
    const uint32_t root = snapshot_->GetRoot()->GetId();
    graph = builder.Finish();
    graph.ids.ForEach([&](size_t node, uint64_t id) {
      if (id == root) graph.facts.root = static_cast<uint32_t>(node);
    });
    return true;
  }

  static EdgeType TypeOf(const v8::HeapGraphEdge* edge) {
    const int type = edge->GetType();
    return type >= 0 && type < graph::kEdgeTypes ? static_cast<EdgeType>(type)
                                                 : EdgeType::kInvisible;
  }

  static uint32_t AskName(const v8::HeapGraphEdge* edge, EdgeType type, Names& names) {
    const v8::Local<v8::Value> name = edge->GetName();
    if (!graph::HasIndex(type)) return names.Intern(name);
    // V8 has it as an int: from 2^31 on it comes out negative.
    return name->IsNumber()
               ? static_cast<uint32_t>(static_cast<int64_t>(name.As<v8::Number>()->Value()))
               : 0;
  }

  static void AddByLayout(const v8::HeapGraphEdge* edge, NamesByWord& words, Names& names,
                          graph::Builder& builder) {
    const auto raw = Raw<RawEdge>(edge);
    if (raw.to != edge->GetToNode()) return words.Fail();
    const uint32_t target = Raw<RawNode>(raw.to).index();
    const EdgeType type = TypeOf(edge);
    const auto ask = [&] { return AskName(edge, type, names); };
    uint32_t name = 0;
    if (type == EdgeType::kInvisible) {
      name = ask();  // of a type unknown here: the word may be text or an index
    } else if (graph::HasIndex(type)) {
      name = static_cast<uint32_t>(raw.name);
      if (words.Samples() && ask() != name) words.Fail();
    } else {
      name = words.Of(raw.name, ask);
    }
    if (target >= builder.nodes()) return words.Fail();
    builder.AddEdge(type, name, target);
  }

  static void AddByAsking(const v8::HeapGraphEdge* edge, const NodesById& by_id, Names& names,
                          graph::Builder& builder) {
    const EdgeType type = TypeOf(edge);
    const uint32_t target = by_id.Find(edge->GetToNode()->GetId());
    if (target == graph::kNoNode) {
      throw graph::Error(graph::kErrorSnapshot, "V8's snapshot does not hold together");
    }
    builder.AddEdge(type, AskName(edge, type, names), target);
  }

  const Napi::Env env_;
  v8::Isolate* const isolate_;
  const v8::HeapSnapshot* const snapshot_;
};

}  // namespace

graph::Graph ReadTakenSnapshot(Napi::Env env, v8::Isolate* isolate,
                               const v8::HeapSnapshot* snapshot, bool by_layout) {
  return Reader(env, isolate, snapshot).Read(by_layout);
}

}  // namespace heapscope::capture
