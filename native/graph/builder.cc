#include "graph/builder.h"

#include "graph/prefetch.h"

namespace heapscope::graph {

namespace {

constexpr uint64_t kSeed = 0x2545f4914f6cdd1d;

uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0xff51afd7ed558ccd;
  return hash ^ hash >> 32;
}

}  // namespace

Builder::Builder() : hash_(kSeed) {
  kinds_.slots = Column<uint64_t>::Zeroed(1 << 12);
  labels_.slots = Column<uint64_t>::Zeroed(1 << 12);
  located_.slots = Column<uint64_t>::Zeroed(1 << 6);
  locations_.slots = Column<uint64_t>::Zeroed(1 << 6);
}

void Builder::EndNodes() {
  graph_.ids.Shrink();
  graph_.shallow.Shrink();
  types_.Shrink();
  graph_.edges_at.push_back(0);
  graph_.edges_at.Shrink();
  graph_.kind_of.Shrink();
  node_ = 0;
  SkipEdgeless();
}

// From here on edges_at holds positions for the nodes done, edge counts for those to come.
void Builder::SkipEdgeless() {
  const uint32_t count = nodes();
  while (node_ < count && graph_.edges_at[node_] == 0) {
    graph_.edges_at[node_] = static_cast<uint32_t>(graph_.edge_bytes.size());
    AddWhole();
  }
  if (node_ == count) {
    FindKinds();
    graph_.edges_at[count] = static_cast<uint32_t>(graph_.edge_bytes.size());
    return;
  }
  left_ = graph_.edges_at[node_];
  graph_.edges_at[node_] = static_cast<uint32_t>(graph_.edge_bytes.size());
  last_ = node_;
}

void Builder::EndNode() {
  if (graph_.edge_bytes.size() > 0xffffffff) {
    throw Error(kErrorMemory, "the heap has more edges than the graph can number");
  }
  edges_ += names_.size() - labels_at_;
  AddWhole();
  SkipEdgeless();
}

void Builder::AddWhole() {
  const auto end = static_cast<uint32_t>(names_.size());
  const uint64_t hash = Mix(Mix(hash_, graph_.kind_of[node_]), types_[node_]);
  wholes_[whole_++] = {
      .node = node_, .labels = labels_at_, .edges = end - labels_at_, .hash = hash};
  Prefetch(&kinds_.slots[(hash >> 32) & (kinds_.slots.size() - 1)]);
  labels_at_ = end;
  hash_ = kSeed;
  ++node_;
  if (whole_ == kWholes || names_.size() >= kLabels) FindKinds();
}

void Builder::FindKinds() {
  const size_t mask = kinds_.slots.size() - 1;
  for (uint32_t i = 0; i < whole_; ++i) {
    const uint64_t slot = kinds_.slots[(wholes_[i].hash >> 32) & mask];
    if (slot >> 32 == wholes_[i].hash >> 32) {
      Prefetch(graph_.kinds.data() + static_cast<uint32_t>(slot) - 1);
    }
  }
  for (uint32_t i = 0; i < whole_; ++i) graph_.kind_of[wholes_[i].node] = KindFor(wholes_[i]);
  whole_ = 0;
  labels_at_ = 0;
  names_.clear();
  edge_types_.clear();
}

template <typename Same>
uint32_t Builder::Find(const Table& table, uint64_t hash, Same&& same) const {
  const size_t mask = table.slots.size() - 1;
  for (size_t at = (hash >> 32) & mask; table.slots[at] != 0; at = (at + 1) & mask) {
    const uint64_t slot = table.slots[at];
    if (slot >> 32 != hash >> 32) continue;
    const auto index = static_cast<uint32_t>(slot) - 1;
    if (same(index)) return index;
  }
  return kNoNode;
}

// The upper half of the hash places an entry and is kept with it, so that growing needs no keys.
void Builder::Insert(Table& table, uint64_t hash, uint32_t index) {
  if (++table.used * 2 > table.slots.size()) {
    auto grown = Column<uint64_t>::Zeroed(table.slots.size() * 2);
    const size_t mask = grown.size() - 1;
    for (const uint64_t slot : table.slots) {
      if (slot == 0) continue;
      size_t at = (slot >> 32) & mask;
      while (grown[at] != 0) at = (at + 1) & mask;
      grown[at] = slot;
    }
    table.slots = std::move(grown);
  }
  const size_t mask = table.slots.size() - 1;
  size_t at = (hash >> 32) & mask;
  while (table.slots[at] != 0) at = (at + 1) & mask;
  table.slots[at] = (hash >> 32) << 32 | (index + 1);
}

bool Builder::SameLabels(const Kind& kind, const Whole& whole) const {
  const size_t count = whole.edges;
  if (kind.edges != count || count == 0) return kind.edges == count;
  return std::memcmp(graph_.label_names.data() + kind.labels, names_.data() + whole.labels,
                     count * 4) == 0 &&
         std::memcmp(graph_.label_types.data() + kind.labels, edge_types_.data() + whole.labels,
                     count) == 0;
}

uint32_t Builder::KindFor(const Whole& whole) {
  const uint32_t name = graph_.kind_of[whole.node];
  const uint8_t type = types_[whole.node];
  const auto node_type = static_cast<NodeType>(type & 0x3f);
  const auto detachedness = static_cast<uint8_t>(type >> 6);
  const uint32_t found = Find(kinds_, whole.hash, [&](uint32_t index) {
    const Kind& kind = graph_.kinds[index];
    return kind.name == name && kind.type == node_type && kind.detachedness == detachedness &&
           SameLabels(kind, whole);
  });
  if (found != kNoNode) return found;
  const auto index = static_cast<uint32_t>(graph_.kinds.size());
  const uint32_t labels = LabelsFor(whole);
  graph_.kinds.push_back({.name = name,
                          .labels = labels,
                          .edges = whole.edges,
                          .location = 0,
                          .class_index = 0,
                          .type = node_type,
                          .detachedness = detachedness,
                          .flags = 0,
                          .reserved = 0});
  Insert(kinds_, whole.hash, index);
  return index;
}

uint32_t Builder::LabelsFor(const Whole& whole) {
  if (whole.edges == 0) return 0;
  const uint32_t* const names = names_.data() + whole.labels;
  const uint8_t* const types = edge_types_.data() + whole.labels;
  uint64_t hash = Mix(kSeed, whole.edges);
  for (uint32_t i = 0; i < whole.edges; ++i) hash = Mix(hash, uint64_t{names[i]} << 3 | types[i]);
  const uint32_t found =
      Find(labels_, hash, [&](uint32_t index) { return SameLabels(graph_.kinds[index], whole); });
  if (found != kNoNode) return graph_.kinds[found].labels;
  const size_t at = graph_.label_names.size();
  if (at + whole.edges > 0xffffffff) {
    throw Error(kErrorMemory,
                "the heap has more differently named edges than the graph can number");
  }
  graph_.label_names.Append(names, whole.edges);
  graph_.label_types.Append(types, whole.edges);
  Insert(labels_, hash, static_cast<uint32_t>(graph_.kinds.size()));  // the kind about to be added
  return static_cast<uint32_t>(at);
}

void Builder::AddLocation(Node node, Location location) {
  // DevTools tells classes apart by location, everything else apart from them it does not.
  const uint32_t kind = graph_.kind_of[node];
  if (graph_.kinds[kind].type != NodeType::kObject) return;
  const uint64_t hash = Mix(Mix(Mix(kSeed, location.script), location.line), location.column);
  uint32_t index = Find(locations_, hash, [&](uint32_t at) {
    const Location& other = graph_.locations[at];
    return other.script == location.script && other.line == location.line &&
           other.column == location.column;
  });
  if (index == kNoNode) {
    index = static_cast<uint32_t>(graph_.locations.size());
    graph_.locations.push_back(location);
    Insert(locations_, hash, index);
  }
  graph_.kind_of[node] = Located(kind, index + 1);
}

uint32_t Builder::Located(uint32_t kind, uint32_t location) {
  Kind moved = graph_.kinds[kind];
  if (moved.location == location) return kind;
  moved.location = location;
  const uint64_t hash = Mix(Mix(Mix(Mix(kSeed, moved.labels), moved.name), moved.edges), location);
  const uint32_t found = Find(located_, hash, [&](uint32_t at) {
    const Kind& other = graph_.kinds[at];
    return other.labels == moved.labels && other.name == moved.name && other.edges == moved.edges &&
           other.location == location && other.detachedness == moved.detachedness;
  });
  if (found != kNoNode) return found;
  const auto index = static_cast<uint32_t>(graph_.kinds.size());
  graph_.kinds.push_back(moved);
  Insert(located_, hash, index);
  return index;
}

Graph Builder::Finish() {
  kinds_ = {};
  labels_ = {};
  located_ = {};
  locations_ = {};
  types_.Free();
  names_.Free();
  edge_types_.Free();
  graph_.facts.edges = edges_;
  graph_.edge_bytes.Shrink();
  graph_.kinds.Shrink();
  graph_.label_names.Shrink();
  graph_.label_types.Shrink();
  graph_.locations.Shrink();
  graph_.strings.Shrink();
  return std::move(graph_);
}

}  // namespace heapscope::graph
