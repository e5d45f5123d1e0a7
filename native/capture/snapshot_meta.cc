#include "capture/snapshot_meta.h"

#include <algorithm>
#include <string>

#include "capture/json.h"
#include "graph/builder.h"
#include "graph/error.h"
#include "graph/node_types.h"

namespace heapscope::capture {

namespace {

using graph::Error;
using graph::kErrorSnapshot;

class MetaReader {
 public:
  MetaReader(const Json& snapshot, int64_t offset) : snapshot_(snapshot), offset_(offset) {}

  SnapshotMeta Read() {
    const Json* meta = snapshot_.Find("meta");
    if (meta == nullptr || meta->type != Json::Type::kObject) Fail("it has no snapshot.meta");
    meta_ = meta;
    SnapshotMeta result;
    const Json& nodes = Fields("node_fields");
    result.node_fields = static_cast<int>(nodes.items.size());
    result.node_type = Require(nodes, "type");
    result.node_name = Require(nodes, "name");
    result.node_id = Require(nodes, "id");
    result.node_size = Require(nodes, "self_size");
    result.node_edges = Require(nodes, "edge_count");
    result.node_detachedness = Index(nodes, "detachedness");
    const Json& edges = Fields("edge_fields");
    result.edge_fields = static_cast<int>(edges.items.size());
    result.edge_type = Require(edges, "type");
    result.edge_name = Require(edges, "name_or_index");
    result.edge_target = Require(edges, "to_node");
    if (meta_->Find("location_fields") != nullptr) {
      const Json& locations = Fields("location_fields");
      result.location_fields = static_cast<int>(locations.items.size());
      result.location_node = Index(locations, "object_index");
      result.location_script = Index(locations, "script_id");
      result.location_line = Index(locations, "line");
      result.location_column = Index(locations, "column");
    }
    Types("node_types", result.node_type, graph::kNodeTypeNames, graph::NodeType::kOther,
          result.node_types);
    Types("edge_types", result.edge_type, graph::kEdgeTypeNames, graph::EdgeType::kInvisible,
          result.edge_types);
    result.nodes = Count("node_count", true);
    result.edges = Count("edge_count", true);
    result.root_index = Count("root_index", false);
    result.extra_native_bytes = Count("extra_native_bytes", false);
    Check(result);
    return result;
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    throw Error(kErrorSnapshot, "not a heap snapshot: " + what, offset_);
  }

  const Json& Fields(const char* name) const {
    const Json* fields = meta_->Find(name);
    if (fields == nullptr || fields->type != Json::Type::kArray || fields->items.empty() ||
        fields->items.size() > 64) {
      Fail(std::string("snapshot.meta.") + name + " is not a list of fields");
    }
    return *fields;
  }

  static int Index(const Json& fields, std::string_view name) {
    for (size_t i = 0; i < fields.items.size(); ++i) {
      if (fields.items[i].string == name) return static_cast<int>(i);
    }
    return -1;
  }

  int Require(const Json& fields, const char* name) const {
    const int index = Index(fields, name);
    if (index < 0) Fail(std::string("snapshot.meta names no field ") + name);
    return index;
  }

  template <typename T, size_t N>
  void Types(const char* list, int field, const char* const (&names)[N], T other,
             std::vector<T>& types) const {
    const Json* all = meta_->Find(list);
    if (all == nullptr || static_cast<size_t>(field) >= all->items.size() ||
        all->items[static_cast<size_t>(field)].type != Json::Type::kArray) {
      Fail(std::string("snapshot.meta.") + list + " names no types");
    }
    for (const Json& name : all->items[static_cast<size_t>(field)].items) {
      const auto* found = std::find(std::begin(names), std::end(names), name.string);
      types.push_back(found == std::end(names) ? other : static_cast<T>(found - std::begin(names)));
    }
  }

  uint64_t Count(const char* name, bool required) const {
    const Json* count = snapshot_.Find(name);
    if (count == nullptr && !required) return 0;
    if (count == nullptr || !count->IsCount()) {
      Fail(std::string("snapshot.") + name + " is not a number of things");
    }
    return static_cast<uint64_t>(count->number);
  }

  void Check(const SnapshotMeta& meta) const {
    if (meta.nodes == 0) Fail("it has no nodes");
    if (meta.nodes > graph::Builder::kMaxNodes || meta.edges > 0xffffffff) {
      throw Error(graph::kErrorMemory, "the snapshot has more nodes or edges than can be numbered",
                  offset_);
    }
    const auto fields = static_cast<uint64_t>(meta.node_fields);
    if (meta.root_index % fields != 0 || meta.root_index / fields >= meta.nodes) {
      Fail("snapshot.root_index is no node");
    }
  }

  const Json& snapshot_;
  const int64_t offset_;
  const Json* meta_ = nullptr;
};

}  // namespace

SnapshotMeta ReadSnapshotMeta(std::string_view text, int64_t offset) {
  Json snapshot;
  if (!ParseJson(text, snapshot)) {
    throw Error(kErrorSnapshot, "not a heap snapshot: its `snapshot` member is not JSON", offset);
  }
  return MetaReader(snapshot, offset).Read();
}

}  // namespace heapscope::capture
