#include "graph_bindings/graph_bindings.h"

namespace heapscope::graph_bindings {

void Expose(Napi::Object exports, Environment* environment) {
  ExposeFilling(exports, environment);
  ExposeQueries(exports, environment);
  ExposeAnalyses(exports, environment);
}

}  // namespace heapscope::graph_bindings
