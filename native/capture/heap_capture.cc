#include "capture/heap_capture.h"

#include <v8-profiler.h>

#include <cstring>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/clock.h"
#include "graph/builder.h"
#include "graph/drop_edges.h"
#include "v8_value.h"

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

// String numbers by text.
class Names {
 public:
  Names(Napi::Env env, graph::Strings& strings) : env_(env), strings_(strings) { Intern(""); }

  uint32_t Intern(std::string_view text) {
    const auto found = by_text_.find(text);
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
    if (length + 4 < sizeof(text)) return Intern(std::string_view(text, length));
    napi_get_value_string_utf8(env_, string, nullptr, 0, &length);
    std::string longer(length + 1, '\0');
    napi_get_value_string_utf8(env_, string, longer.data(), longer.size(), &length);
    longer.resize(length);
    return Intern(longer);
  }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  napi_env env_;
  graph::Strings& strings_;
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> by_text_;
};

// To ask V8 for a name makes a JavaScript string, and there are several names per node. So they are
// remembered by the word that stands for the name inside V8's own node or edge (a pointer to its
// interned text). That word is only ever compared. Where something does not look as expected, or a
// sample shows that equal words do not mean equal names, all is read again by asking.
class NamesByWord {
 public:
  // The name that the word stands for; ask() tells it for certain.
  template <typename F>
  uint32_t Of(uint64_t word, F&& ask) {
    Recent& recent = recent_[(word >> 4 ^ word >> 14) % kRecent];
    uint32_t name;
    if (recent.word == word) {
      name = recent.name;
    } else {
      const auto [entry, added] = by_word_.try_emplace(word, 0);
      if (added) entry->second = ask();
      name = entry->second;
      recent = {word, name};
    }
    if (Samples() && ask() != name) consistent_ = false;
    return name;
  }

  // Whether this is one to check: the first thousand, then one in a thousand.
  bool Samples() { return ++asked_ < kSample || asked_ % kSample == 0; }
  void Fail() { consistent_ = false; }
  bool consistent() const { return consistent_; }

 private:
  static constexpr uint64_t kSample = 1024;
  static constexpr size_t kRecent = 4096;
  struct Recent {
    uint64_t word = 0;
    uint32_t name = 0;
  };

  bool consistent_ = true;
  uint64_t asked_ = 0;
  std::vector<Recent> recent_ = std::vector<Recent>(kRecent);
  std::unordered_map<uint64_t, uint32_t> by_word_;
};

// How V8 has laid out nodes and edges since Node 20. Nothing relies on it unchecked.
struct RawNode {
  uint32_t type_and_index;
  uint32_t children;
  uint64_t size_and_more;  // the size is its lower 48 bits
  const void* snapshot;
  uint64_t name;
  uint32_t id;

  uint32_t index() const { return type_and_index >> 4; }
  uint64_t size() const { return size_and_more & (~uint64_t{0} >> 16); }
};
struct RawEdge {
  uint64_t bits;
  const void* to;
  uint64_t name;
};

template <typename T>
T Raw(const void* object) {
  T raw;
  std::memcpy(&raw, object, sizeof(raw));
  return raw;
}

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

  // With trust V8's layout is relied on; false if it turned out not to be as expected.
  bool Fill(bool trust, graph::Graph& graph) {
    graph::Builder builder;
    Names names(env_, builder.strings());
    const auto count = static_cast<uint32_t>(snapshot_->GetNodesCount());
    NodesById by_id(trust ? 0 : count);
    NamesByWord words;
    const auto each = [&](auto&& f) {
      for (uint32_t start = 0; start < count && words.consistent(); start += kBatch) {
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
      if (trust) {
        const auto raw = Raw<RawNode>(node);
        if (raw.index() != i || raw.id != id || raw.size() != size) return words.Fail();
        if (!HasContents(type)) name = words.Of(raw.name, ask);
      } else {
        by_id.Add(id, i);
        if (!HasContents(type)) name = ask();
      }
      builder.AddNode(type, 0, name, id, size, static_cast<uint32_t>(node->GetChildrenCount()));
    });
    if (!words.consistent()) return false;
    builder.EndNodes();
    each([&](uint32_t, const v8::HeapGraphNode* node) {
      for (int i = 0, children = node->GetChildrenCount(); i < children; ++i) {
        const v8::HeapGraphEdge* edge = node->GetChild(i);
        if (trust) {
          AddByLayout(edge, words, names, builder);
        } else {
          AddByAsking(edge, by_id, names, builder);
        }
      }
    });
    if (!words.consistent()) return false;
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
    if (graph::HasIndex(type)) {
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

// The backing store behind an edge of an object: V8 lists what is in it there too.
bool LeadsToStore(const graph::Graph& graph, graph::Edge edge) {
  if (graph.TypeOf(edge) != EdgeType::kInternal) return false;
  const std::string_view name = graph.strings[graph.NameOf(edge)];
  return name == "properties" || name == "elements";
}

// Takes out by what the objects were named to us: the record's references and our weak handles.
void HideNaming(graph::Graph& graph, const std::vector<graph::Node>& found) {
  const std::unordered_set<graph::Node> named(found.begin(), found.end());
  const graph::Node record = found.back();
  graph::Edge edge;
  if (record != graph::kNoNode) {
    const auto refers = [&](graph::Edge each) { return named.contains(each.target); };
    std::vector<graph::Node> holders{record};
    for (graph::EdgeCursor cursor = graph.EdgesOf(record); cursor.Next(edge);) {
      if (LeadsToStore(graph, edge)) holders.push_back(edge.target);
    }
    for (const graph::Node holder : holders) graph::DropEdges(graph, holder, refers);
  }
  for (graph::Node node = 0; node < graph.nodes(); ++node) {
    if (graph.KindOf(node).type != NodeType::kSynthetic) continue;
    if (graph.NameOf(node) != "(Global handles)") continue;
    // One each: the program may have weak handles of its own.
    std::unordered_multiset<graph::Node> ours(found.begin(), found.end());
    graph::DropEdges(graph, node, [&](graph::Edge each) {
      if (graph.TypeOf(each) != EdgeType::kWeak) return false;
      const auto one = ours.find(each.target);
      if (one == ours.end()) return false;
      ours.erase(one);
      return true;
    });
  }
}

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
                         const std::vector<v8::Global<v8::Value>>& objects,
                         std::vector<graph::Node>& found, graph::Control& control) {
  const v8::HandleScope scope(isolate);
  const uint64_t start = MonotonicNs();
  const TakenSnapshot snapshot(isolate, keep_ids);
  const uint64_t taken = MonotonicNs();
  control.NoteMemory();
  // At once: these ids hold while V8 follows its objects about.
  std::unordered_map<uint64_t, std::vector<size_t>> wanted;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].IsEmpty()) continue;  // collected meanwhile
    const v8::SnapshotObjectId id =
        isolate->GetHeapProfiler()->GetObjectId(objects[i].Get(isolate));
    if (id != v8::HeapProfiler::kUnknownObjectId) wanted[id].push_back(i);
  }
  graph::Graph graph = Reader(env, isolate, snapshot.get()).Read();
  control.NoteMemory();
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
    HideNaming(graph, found);
  }
  return graph;
}

}  // namespace heapscope::capture
