#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "graph/graph.h"
#include "graph/paths.h"
#include "graph/referrers.h"

namespace heapscope {

// A graph and what is worked out for it only when asked. Safe from several threads.
class HeldGraph {
 public:
  explicit HeldGraph(graph::Graph graph, uint64_t peak_bytes = 0,
                     std::vector<graph::Node> objects = {})
      : graph_(std::move(graph)), peak_bytes_(peak_bytes), objects_(std::move(objects)) {}

  const graph::Graph& graph() const { return graph_; }
  // By how much the process's memory grew at most while the graph was made.
  uint64_t peak_bytes() const { return peak_bytes_; }
  // The nodes of the objects that the capture was given.
  const std::vector<graph::Node>& objects() const { return objects_; }

  const graph::Referrers& referrers(graph::Control& control) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!referrers_) referrers_ = std::make_unique<graph::Referrers>(graph_, control);
    return *referrers_;
  }

  const graph::Paths& paths(graph::Control& control) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!paths_) paths_ = std::make_unique<graph::Paths>(graph_, control);
    return *paths_;
  }

 private:
  const graph::Graph graph_;
  const uint64_t peak_bytes_;
  const std::vector<graph::Node> objects_;
  std::mutex mutex_;
  std::unique_ptr<graph::Referrers> referrers_;
  std::unique_ptr<graph::Paths> paths_;
};

using GraphPointer = std::shared_ptr<HeldGraph>;

}  // namespace heapscope
