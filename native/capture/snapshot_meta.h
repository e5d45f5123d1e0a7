#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace heapscope::capture {

// What a snapshot says of its own layout: which field of a node, edge or location stands where, and
// what the numbers of types mean. Fields that are missing are -1.
struct SnapshotMeta {
  int node_fields = 0;
  int node_type = -1;
  int node_name = -1;
  int node_id = -1;
  int node_size = -1;
  int node_edges = -1;
  int node_detachedness = -1;
  int edge_fields = 0;
  int edge_type = -1;
  int edge_name = -1;
  int edge_target = -1;
  int location_fields = 0;
  int location_node = -1;
  int location_script = -1;
  int location_line = -1;
  int location_column = -1;
  std::vector<graph::NodeType> node_types;
  std::vector<graph::EdgeType> edge_types;
  uint64_t nodes = 0;
  uint64_t edges = 0;
  uint64_t root_index = 0;
  uint64_t extra_native_bytes = 0;
};

// Reads the text of the `snapshot` member, which began at `offset` of the file.
SnapshotMeta ReadSnapshotMeta(std::string_view text, int64_t offset);

}  // namespace heapscope::capture
