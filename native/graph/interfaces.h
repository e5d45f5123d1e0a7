#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace heapscope::graph {

// Plain objects have no class of their own. DevTools groups them by the properties that many of
// them share: `{id, name}`. Returns that name per kind, empty where there is none.
class Interfaces {
 public:
  explicit Interfaces(const Graph& graph);

  // Index into names(), or kNoNode.
  uint32_t Of(uint32_t kind) const { return of_kind_[kind]; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  Column<uint32_t> of_kind_;
  std::vector<std::string> names_;
};

bool IsPlainObject(const Graph& graph, const Kind& kind);

}  // namespace heapscope::graph
