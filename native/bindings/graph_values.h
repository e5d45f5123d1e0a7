#pragma once

#include <napi.h>

#include <string_view>
#include <vector>

#include "bindings/held_graph.h"

namespace heapscope {

// A JavaScript error with our code, and the offset where there is one.
Napi::Value ErrorValue(Napi::Env env, const char* code, const std::string& message, int64_t offset);
// The exception in flight, as such an error. Only inside a catch block.
Napi::Value CurrentError(Napi::Env env);

// Runs f and throws what it throws as a JavaScript error.
template <typename F>
Napi::Value Guarded(const Napi::CallbackInfo& info, F&& f) {
  try {
    return f();
  } catch (...) {
    napi_throw(info.Env(), CurrentError(info.Env()));
    return info.Env().Undefined();
  }
}

// The handle that script holds, and what is behind it; throws if it was released.
Napi::Value GraphValue(Napi::Env env, GraphPointer graph);
GraphPointer GraphOf(const Napi::Value& value);
void ReleaseGraph(const Napi::Value& value);

// An argument that must be a node, or a class, of the graph.
graph::Node NodeArgument(const graph::Graph& graph, const Napi::Value& value);
uint32_t ClassArgument(const graph::Graph& graph, const Napi::Value& value);
graph::Error NoSuchClass(const graph::Graph& graph);
inline uint32_t Number(const Napi::Value& value) { return value.As<Napi::Number>().Uint32Value(); }

Napi::Value StringValue(Napi::Env env, std::string_view text, size_t limit = SIZE_MAX);
Napi::Value NumbersValue(Napi::Env env, const std::vector<double>& numbers);
Napi::Value NodesValue(Napi::Env env, const std::vector<graph::Node>& nodes);

// The first `limit` nodes from `from` on, of `nodes` in all, that are wanted.
template <typename F>
Napi::Value CollectNodes(Napi::Env env, graph::Node nodes, const Napi::Value& from,
                         const Napi::Value& limit, F&& wanted) {
  std::vector<graph::Node> found;
  const size_t most = Number(limit);
  for (graph::Node node = Number(from); node < nodes && found.size() < most; ++node) {
    if (wanted(node)) found.push_back(node);
  }
  return NodesValue(env, found);
}

Napi::Value TypesValue(Napi::Env env, const graph::Graph& graph,
                       const std::vector<graph::Edge>& edges);
Napi::Value NamesValue(Napi::Env env, const graph::Graph& graph,
                       const std::vector<graph::Edge>& edges);

}  // namespace heapscope
