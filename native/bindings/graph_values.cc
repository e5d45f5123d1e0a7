#include "bindings/graph_values.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "graph/text.h"
#include "owned.h"
#include "v8_value.h"

namespace heapscope {

namespace {

struct Handle {
  GraphPointer graph;
};

}  // namespace

Napi::Value ErrorValue(Napi::Env env, const char* code, const std::string& message,
                       int64_t offset) {
  const Napi::Object error = std::strcmp(code, graph::kErrorRange) == 0
                                 ? Napi::RangeError::New(env, message).Value()
                                 : Napi::Error::New(env, message).Value();
  error.Set("code", code);
  if (offset >= 0) error.Set("offset", static_cast<double>(offset));
  return error;
}

Napi::Value CurrentError(Napi::Env env) {
  try {
    throw;
  } catch (const graph::Error& error) {
    return ErrorValue(env, error.code(), error.what(), error.offset());
  } catch (const Napi::Error& error) {
    return error.Value();
  } catch (const std::bad_alloc&) {
    return ErrorValue(env, graph::kErrorMemory, "there is not enough memory for it",
                      graph::Error::kNoOffset);
  } catch (const std::exception& error) {
    return ErrorValue(env, graph::kErrorGraph, error.what(), graph::Error::kNoOffset);
  }
}

Napi::Value GraphValue(Napi::Env env, GraphPointer graph) {
  return Owned(env, std::make_unique<Handle>(Handle{std::move(graph)}));
}

GraphPointer GraphOf(const Napi::Value& value) {
  GraphPointer graph = value.As<Napi::External<Handle>>().Data()->graph;
  if (!graph) throw graph::Error(graph::kErrorReleased, "the graph was released");
  return graph;
}

void ReleaseGraph(const Napi::Value& value) {
  value.As<Napi::External<Handle>>().Data()->graph.reset();
}

graph::Node NodeArgument(const graph::Graph& graph, const Napi::Value& value) {
  const double node = value.As<Napi::Number>().DoubleValue();
  if (!(node >= 0 && node < graph.nodes())) {
    throw graph::Error(graph::kErrorRange, "the graph has no such node: its nodes are 0 to " +
                                               std::to_string(graph.nodes() - 1));
  }
  return static_cast<graph::Node>(node);
}

uint32_t ClassArgument(const graph::Graph& graph, const Napi::Value& value) {
  const double index = value.As<Napi::Number>().DoubleValue();
  if (!(index >= 0 && index < static_cast<double>(graph.classes.size()))) {
    throw NoSuchClass(graph);
  }
  return static_cast<uint32_t>(index);
}

graph::Error NoSuchClass(const graph::Graph& graph) {
  return {graph::kErrorRange, "the graph has no such class: its classes are 0 to " +
                                  std::to_string(graph.classes.size() - 1)};
}

Napi::Value StringValue(Napi::Env env, std::string_view text, size_t limit) {
  const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), ascii)) {
    napi_value result = nullptr;
    napi_create_string_latin1(env, text.data(), std::min(text.size(), limit), &result);
    return Napi::Value(env, result);
  }
  return Napi::String::New(env, graph::ToUtf16(text, limit));
}

Napi::Value NumbersValue(Napi::Env env, const std::vector<double>& numbers) {
  return Float64s(env, numbers);
}

Napi::Value NodesValue(Napi::Env env, const std::vector<graph::Node>& nodes) {
  return TypedArray<v8::Uint32Array>(env, std::span<const graph::Node>(nodes));
}

Napi::Value TypesValue(Napi::Env env, const graph::Graph& graph,
                       const std::vector<graph::Edge>& edges) {
  std::vector<uint8_t> types;
  types.reserve(edges.size());
  for (const graph::Edge& edge : edges) types.push_back(static_cast<uint8_t>(graph.TypeOf(edge)));
  return TypedArray<v8::Uint8Array>(env, std::span<const uint8_t>(types));
}

Napi::Value NamesValue(Napi::Env env, const graph::Graph& graph,
                       const std::vector<graph::Edge>& edges) {
  auto result = Napi::Array::New(env, edges.size());
  for (uint32_t i = 0; i < edges.size(); ++i) {
    const uint32_t name = graph.NameOf(edges[i]);
    result[i] = graph::HasIndex(graph.TypeOf(edges[i])) ? Napi::Number::New(env, name)
                                                        : StringValue(env, graph.strings[name]);
  }
  return result;
}

}  // namespace heapscope
