#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>

#include "graph/builder.h"

namespace heapscope::capture {

struct NodeRow {
  uint64_t id;
  uint64_t size;
  uint32_t name;
  uint32_t edges;
  graph::NodeType type;
  uint8_t detachedness;
};

struct EdgeRow {
  uint32_t name;
  graph::Node target;
  graph::EdgeType type;
};

// Hands rows from who reads them to the builder: on a thread of its own, if wanted, so that the
// next are read meanwhile. The builder gets them in their order either way.
class RowFeeder {
 public:
  explicit RowFeeder(graph::Builder& builder) : builder_(builder) {}
  ~RowFeeder();

  // Where no thread can be had, rows go to the builder at once, as they do without.
  void UseThread();

  void Add(const NodeRow& row) {
    Batch& batch = ring_[handed_ % kBatches];
    batch.nodes.push_back(row);
    if (batch.nodes.size() == kRows) Hand();
  }
  void Add(const EdgeRow& row) {
    Batch& batch = ring_[handed_ % kBatches];
    batch.edges.push_back(row);
    if (batch.edges.size() == kRows) Hand();
  }

  // Returns when the builder has them all; throws what it threw.
  void Finish();

 private:
  static constexpr size_t kRows = 1 << 13;
  static constexpr uint64_t kBatches = 4;

  struct Batch {
    graph::Column<NodeRow> nodes;
    graph::Column<EdgeRow> edges;
  };

  void Hand();
  void Build(Batch& batch);
  void Run();

  graph::Builder& builder_;
  Batch ring_[kBatches];
  uint64_t handed_ = 0;
  uint64_t built_ = 0;
  bool ending_ = false;
  std::exception_ptr error_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace heapscope::capture
