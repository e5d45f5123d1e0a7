#include "capture/heap_capture.h"

#include <v8-profiler.h>

#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/clock.h"
#include "graph/builder.h"
#include "v8_value.h"

namespace heapscope::capture {

namespace {

using graph::EdgeType;
using graph::NodeType;

NodeType TypeOf(const v8::HeapGraphNode* node) {
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

// String numbers by text.
class Names {
 public:
  Names(Napi::Env env, graph::Strings& strings) : env_(env), strings_(strings) { Intern(""); }

  uint32_t Intern(std::string_view text) {
    const auto found = by_text_.find(std::string(text));
    if (found != by_text_.end()) return found->second;
    const uint32_t index = strings_.Add(text);
    by_text_.emplace(text, index);
    return index;
  }

  uint32_t Intern(v8::Local<v8::Value> value) {
    if (value->IsNumber()) return Intern(std::to_string(value.As<v8::Number>()->Value()));
    char text[512];
    size_t length = 0;
    const napi_value string = FromV8(value);
    if (napi_get_value_string_utf8(env_, string, text, sizeof(text), &length) != napi_ok) return 0;
    if (length + 4 < sizeof(text)) return Intern({text, length});
    napi_get_value_string_utf8(env_, string, nullptr, 0, &length);
    std::string longer(length + 1, '\0');
    napi_get_value_string_utf8(env_, string, longer.data(), longer.size(), &length);
    longer.resize(length);
    return Intern(longer);
  }

 private:
  napi_env env_;
  graph::Strings& strings_;
  std::unordered_map<std::string, uint32_t> by_text_;
};

// The names of edges. To ask V8 for one makes a JavaScript string, and there are several edges per
// node: so names are remembered by the word that stands for the name inside V8's edge (a pointer to
// its interned text). That word is only ever compared. Where an edge does not look as expected, or a
// sample shows that equal words do not mean equal names, V8 is asked for every name.
class EdgeNames {
 public:
  EdgeNames(Names& names, bool trust) : names_(names), trust_(trust) {}

  bool trusted() const { return trust_; }

  uint32_t Of(const v8::HeapGraphEdge* edge, const v8::HeapGraphNode* to, EdgeType type) {
    if (!trust_) return Ask(edge, type);
    Layout raw;
    std::memcpy(&raw, static_cast<const void*>(edge), sizeof(raw));
    if (raw.to != to) {
      trust_ = false;
      return Ask(edge, type);
    }
    const bool check = ++asked_ % kSample == 0;
    if (graph::HasIndex(type)) {
      const auto index = static_cast<uint32_t>(raw.name);
      if ((check || asked_ < kSample) && Ask(edge, type) != index) trust_ = false;
      return index;
    }
    const auto [entry, added] = by_word_.try_emplace(raw.name, 0);
    if (added) {
      entry->second = Ask(edge, type);
    } else if ((check || asked_ < kSample) && Ask(edge, type) != entry->second) {
      trust_ = false;
    }
    return entry->second;
  }

 private:
  struct Layout {
    uint64_t bits;
    const void* to;
    uint64_t name;
  };
  static constexpr uint64_t kSample = 1024;

  uint32_t Ask(const v8::HeapGraphEdge* edge, EdgeType type) {
    const v8::Local<v8::Value> name = edge->GetName();
    if (!graph::HasIndex(type)) return names_.Intern(name);
    return name->IsNumber() ? static_cast<uint32_t>(name.As<v8::Number>()->Value()) : 0;
  }

  Names& names_;
  bool trust_;
  uint64_t asked_ = 0;
  std::unordered_map<uint64_t, uint32_t> by_word_;
};

class Reader {
 public:
  Reader(Napi::Env env, v8::Isolate* isolate, const v8::HeapSnapshot* snapshot)
      : env_(env), isolate_(isolate), snapshot_(snapshot) {}

  graph::Graph Read() {
    graph::Graph graph;
    if (Fill(true, graph) || Fill(false, graph)) return graph;
    throw graph::Error(graph::kErrorSnapshot, "V8's snapshot does not hold together");
  }

 private:
  static constexpr uint32_t kBatch = 512;

  // False if V8's edges turned out not to be as expected.
  bool Fill(bool trust, graph::Graph& graph) {
    graph::Builder builder;
    const auto count = static_cast<uint32_t>(snapshot_->GetNodesCount());
    Names names(env_, builder.strings());
    NodesById by_id(count);
    for (uint32_t start = 0; start < count; start += kBatch) {
      const v8::HandleScope scope(isolate_);
      for (uint32_t i = start; i < start + kBatch && i < count; ++i) {
        const v8::HeapGraphNode* node = snapshot_->GetNode(static_cast<int>(i));
        const NodeType type = TypeOf(node);
        const uint32_t id = node->GetId();
        by_id.Add(id, i);
        builder.AddNode(type, 0, HasContents(type) ? 0 : names.Intern(node->GetName()), id,
                        node->GetShallowSize(), static_cast<uint32_t>(node->GetChildrenCount()));
      }
    }
    builder.EndNodes();
    EdgeNames edge_names(names, trust);
    for (uint32_t start = 0; start < count; start += kBatch) {
      const v8::HandleScope scope(isolate_);
      for (uint32_t i = start; i < start + kBatch && i < count; ++i) {
        AddEdges(snapshot_->GetNode(static_cast<int>(i)), by_id, edge_names, builder);
      }
      if (trust && !edge_names.trusted()) return false;
    }
    builder.facts().root = by_id.Find(snapshot_->GetRoot()->GetId());
    if (builder.facts().root == graph::kNoNode) builder.facts().root = 0;
    graph = builder.Finish();
    return true;
  }

  static void AddEdges(const v8::HeapGraphNode* node, const NodesById& by_id, EdgeNames& names,
                       graph::Builder& builder) {
    const int children = node->GetChildrenCount();
    for (int i = 0; i < children; ++i) {
      const v8::HeapGraphEdge* edge = node->GetChild(i);
      const v8::HeapGraphNode* to = edge->GetToNode();
      const int raw = edge->GetType();
      const EdgeType type =
          raw >= 0 && raw < graph::kEdgeTypes ? static_cast<EdgeType>(raw) : EdgeType::kInvisible;
      const uint32_t target = by_id.Find(to->GetId());
      if (target == graph::kNoNode) {
        throw graph::Error(graph::kErrorSnapshot, "V8's snapshot does not hold together");
      }
      builder.AddEdge(type, names.Of(edge, to, type), target);
    }
  }

  const Napi::Env env_;
  v8::Isolate* const isolate_;
  const v8::HeapSnapshot* const snapshot_;
};

// V8's snapshot, and what taking it left behind, until the end of the block.
class TakenSnapshot {
 public:
  TakenSnapshot(v8::Isolate* isolate, bool keep_ids)
      : profiler_(isolate->GetHeapProfiler()),
        keep_ids_(keep_ids),
        snapshot_(profiler_->TakeHeapSnapshot()) {
    if (snapshot_ == nullptr) throw graph::Error(graph::kErrorMemory, "V8 gave no snapshot");
  }
  ~TakenSnapshot() {
    const_cast<v8::HeapSnapshot*>(snapshot_)->Delete();
    if (!keep_ids_) profiler_->ClearObjectIds();
#ifdef __GLIBC__
    malloc_trim(0);
#endif
  }
  const v8::HeapSnapshot* get() const { return snapshot_; }

 private:
  v8::HeapProfiler* const profiler_;
  const bool keep_ids_;
  const v8::HeapSnapshot* const snapshot_;
};

}  // namespace

graph::Graph CaptureHeap(Napi::Env env, v8::Isolate* isolate, bool keep_ids,
                         const std::vector<v8::Local<v8::Value>>& objects,
                         std::vector<graph::Node>& found) {
  const v8::HandleScope scope(isolate);
  const uint64_t start = MonotonicNs();
  const TakenSnapshot snapshot(isolate, keep_ids);
  const uint64_t taken = MonotonicNs();
  // At once: these ids hold while V8 follows its objects about.
  std::unordered_map<uint64_t, std::vector<size_t>> wanted;
  for (size_t i = 0; i < objects.size(); ++i) {
    const v8::SnapshotObjectId id = isolate->GetHeapProfiler()->GetObjectId(objects[i]);
    if (id != v8::HeapProfiler::kUnknownObjectId) wanted[id].push_back(i);
  }
  graph::Graph graph = Reader(env, isolate, snapshot.get()).Read();
  graph.facts.pause_ns = taken - start;
  graph.facts.reading_ns = MonotonicNs() - taken;
  graph.facts.comparable_ids = keep_ids;
  found.assign(objects.size(), graph::kNoNode);
  if (!wanted.empty()) {
    graph.ids.ForEach([&](size_t node, uint64_t id) {
      const auto entry = wanted.find(id);
      if (entry == wanted.end()) return;
      for (const size_t i : entry->second) found[i] = static_cast<graph::Node>(node);
    });
  }
  return graph;
}

}  // namespace heapscope::capture
