#include <algorithm>

#include "bindings/bindings.h"
#include "bindings/graph_values.h"
#include "bindings/job.h"
#include "graph/ref_count.h"

namespace heapscope::bindings {

namespace {

using graph::ClassRow;
using graph::Edge;
using graph::EdgeCursor;
using graph::Graph;
using graph::Kind;
using graph::kNoNode;
using graph::Node;

double Double(uint64_t value) { return static_cast<double>(value); }

// graphInfo(graph): 16 numbers
Napi::Value Info(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const graph::Facts& facts = graph.facts;
    const auto classes = std::count_if(graph.classes.begin(), graph.classes.end(),
                                       [](const ClassRow& row) { return row.count != 0; });
    return NumbersValue(
        info.Env(),
        {Double(graph.nodes()), Double(facts.edges), static_cast<double>(classes),
         Double(facts.total_shallow), Double(graph.memory()), graph.mapping ? 1.0 : 0.0,
         Double(facts.root), Double(facts.unreachable), Double(facts.pause_ns),
         Double(facts.reading_ns), Double(facts.analysis_ns), Double(facts.extra_native_bytes),
         Double(facts.comparable_ids), Double(graph.strings.size()),
         Double(graph.strings.bytes().size()), Double(held->peak_bytes())});
  });
}

// graphClasses(graph, limit): { names, keys, figures }
Napi::Value Classes(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const Napi::Env env = info.Env();
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    std::vector<uint32_t> order;
    for (uint32_t i = 0; i < graph.classes.size(); ++i) {
      if (graph.classes[i].count != 0) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      const ClassRow& x = graph.classes[a];
      const ClassRow& y = graph.classes[b];
      return x.retained != y.retained ? x.retained > y.retained
                                      : graph.strings[x.key] < graph.strings[y.key];
    });
    const uint32_t limit = Number(info[1]);
    if (limit != 0 && order.size() > limit) order.resize(limit);
    auto names = Napi::Array::New(env, order.size());
    auto keys = Napi::Array::New(env, order.size());
    std::vector<double> figures;
    for (uint32_t i = 0; i < order.size(); ++i) {
      const ClassRow& row = graph.classes[order[i]];
      names[i] = StringValue(env, graph.strings[row.name]);
      keys[i] = StringValue(env, graph.strings[row.key]);
      figures.insert(figures.end(), {Double(order[i]), Double(row.count), Double(row.shallow),
                                     Double(row.retained), Double(row.first)});
    }
    auto result = Napi::Object::New(env);
    result.Set("names", names);
    result.Set("keys", keys);
    result.Set("figures", NumbersValue(env, figures));
    return Napi::Value(result);
  });
}

// classesNamed(graph, name): Uint32Array
Napi::Value ClassesNamed(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const std::string name = info[1].As<Napi::String>().Utf8Value();
    std::vector<Node> found;
    for (uint32_t i = 0; i < graph.classes.size(); ++i) {
      const ClassRow& row = graph.classes[i];
      if (row.count != 0 && graph.strings[row.name] == name) found.push_back(i);
    }
    return NodesValue(info.Env(), found);
  });
}

// nodeFigures(graph, node): 8 numbers
Napi::Value NodeFigures(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const Node node = NodeArgument(graph, info[1]);
    const Kind& kind = graph.KindOf(node);
    return NumbersValue(info.Env(), {static_cast<double>(kind.type), Double(graph.ClassOf(node)),
                                     Double(graph.shallow[node]), Double(graph.retained[node]),
                                     Double(graph.DominatorOf(node)), Double(graph.ids[node]),
                                     Double(kind.edges), Double(kind.detachedness)});
  });
}

// nodeName(graph, node, maxLength): string
Napi::Value NodeName(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    return StringValue(info.Env(), graph.NameOf(NodeArgument(graph, info[1])), Number(info[2]));
  });
}

// nodeClassName(graph, node): string
Napi::Value NodeClassName(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const uint32_t index = graph.ClassOf(NodeArgument(graph, info[1]));
    return StringValue(info.Env(), graph.strings[graph.classes[index].name]);
  });
}

// nodesOfClass(graph, classIndex, from, limit): Uint32Array
Napi::Value NodesOfClass(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const uint32_t index = ClassArgument(graph, info[1]);
    return CollectNodes(info.Env(), graph.nodes(), info[2], info[3], [&](Node node) {
      return graph.ClassOf(node) == index && graph.shallow[node] != 0;
    });
  });
}

// dominated(graph, node, from, limit): Uint32Array
Napi::Value Dominated(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const Node above = NodeArgument(graph, info[1]);
    return CollectNodes(info.Env(), graph.nodes(), info[2], info[3],
                        [&](Node node) { return graph.dominator[node] == above; });
  });
}

// Gathers edges number `from` … of those it is shown.
class EdgePage {
 public:
  EdgePage(const Napi::Value& from, const Napi::Value& limit)
      : from_(Number(from)), limit_(Number(limit)) {}

  void Show(Node other, Edge edge) {
    if (total_ >= from_ && edges_.size() < limit_) {
      nodes_.push_back(other);
      edges_.push_back(edge);
    }
    ++total_;
  }

  Napi::Value Value(Napi::Env env, const Graph& graph) const {
    auto result = Napi::Object::New(env);
    result.Set("nodes", NodesValue(env, nodes_));
    result.Set("types", TypesValue(env, graph, edges_));
    result.Set("names", NamesValue(env, graph, edges_));
    result.Set("total", Double(total_));
    return result;
  }

 private:
  const uint32_t from_;
  const uint32_t limit_;
  uint64_t total_ = 0;
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
};

// referents(graph, node, from, limit): edges
Napi::Value Referents(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    EdgePage page(info[2], info[3]);
    Edge edge;
    for (EdgeCursor cursor = graph.EdgesOf(NodeArgument(graph, info[1])); cursor.Next(edge);) {
      page.Show(edge.target, edge);
    }
    return page.Value(info.Env(), graph);
  });
}

// referrers(graph, node, from, limit): edges
Napi::Value ReferrersValue(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const Node node = NodeArgument(graph, info[1]);
    graph::Control control;
    EdgePage page(info[2], info[3]);
    held->referrers(control).ForEach(graph, node, [&](Node source, Edge edge) {
      page.Show(source, edge);
      return true;
    });
    return page.Value(info.Env(), graph);
  });
}

// prepareReferrers(graph, done): job
Napi::Value PrepareReferrers(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    return StartJob(
        info.Env(), info[1],
        [held = GraphOf(info[0])](graph::Control& control) { held->referrers(control); },
        [](Napi::Env env) { return env.Undefined(); });
  });
}

// nodeById(graph, id): number
Napi::Value NodeById(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const auto wanted = static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value());
    Node found = kNoNode;
    held->graph().ids.ForEach([&](size_t node, uint64_t id) {
      if (id == wanted) found = static_cast<Node>(node);
    });
    return Napi::Value(Napi::Number::New(info.Env(), found));
  });
}

// refCount(graph, node): [counted, internal, roots, weak]
Napi::Value RefCountValue(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Graph& graph = held->graph();
    const Node node = NodeArgument(graph, info[1]);
    graph::Control control;
    const auto count = graph::CountReferences(graph, held->referrers(control), node);
    return NumbersValue(info.Env(), {Double(count.counted), Double(count.internal),
                                     Double(count.roots), Double(count.weak)});
  });
}

}  // namespace

void ExposeGraphQueries(Napi::Object exports, Environment* environment) {
  const Exposing expose(exports, environment);
  expose("graphInfo", Info);
  expose("graphClasses", Classes);
  expose("classesNamed", ClassesNamed);
  expose("nodeFigures", NodeFigures);
  expose("nodeName", NodeName);
  expose("nodeClassName", NodeClassName);
  expose("nodesOfClass", NodesOfClass);
  expose("dominated", Dominated);
  expose("referents", Referents);
  expose("referrers", ReferrersValue);
  expose("prepareReferrers", PrepareReferrers);
  expose("nodeById", NodeById);
  expose("refCount", RefCountValue);
}

}  // namespace heapscope::bindings
