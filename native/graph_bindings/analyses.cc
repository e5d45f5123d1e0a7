#include <limits>

#include "graph/cycles.h"
#include "graph/diff.h"
#include "graph/suspects.h"
#include "graph_bindings/graph_bindings.h"
#include "graph_bindings/job.h"
#include "graph_bindings/values.h"

namespace heapscope::graph_bindings {

namespace {

using graph::Control;
using graph::Graph;
using graph::kNoNode;
using graph::Node;

double Double(uint64_t value) { return static_cast<double>(value); }

std::vector<graph::Path> FindPaths(HeldGraph& held, Node node, size_t limit, Control& control) {
  const graph::Paths& paths = held.paths(control);
  return paths.To(held.graph(), held.referrers(control), node, limit);
}

Napi::Value PathsValue(Napi::Env env, const Graph& graph, const std::vector<graph::Path>& paths) {
  auto result = Napi::Array::New(env, paths.size());
  for (uint32_t i = 0; i < paths.size(); ++i) {
    auto path = Napi::Object::New(env);
    path.Set("nodes", NodesValue(env, paths[i].nodes));
    path.Set("types", TypesValue(env, graph, paths[i].edges));
    path.Set("names", NamesValue(env, graph, paths[i].edges));
    path.Set("noisy", Napi::Boolean::New(env, paths[i].noise != 0));
    result[i] = path;
  }
  return result;
}

// retainingPaths(graph, node, limit, done): job
Napi::Value RetainingPaths(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Node node = NodeArgument(held->graph(), info[1]);
    auto found = std::make_shared<std::vector<graph::Path>>();
    return StartJob(
        info.Env(), info[3],
        [held, node, limit = Number(info[2]), found](Control& control) {
          *found = FindPaths(*held, node, limit, control);
        },
        [held, found](Napi::Env env) { return PathsValue(env, held->graph(), *found); });
  });
}

// retainingPathsSync(graph, node, limit): path[]
Napi::Value RetainingPathsSync(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const Node node = NodeArgument(held->graph(), info[1]);
    Control control;
    return PathsValue(info.Env(), held->graph(), FindPaths(*held, node, Number(info[2]), control));
  });
}

Napi::Value CyclesValue(Napi::Env env, const graph::Cycles& cycles) {
  std::vector<Node> offsets{0};
  std::vector<Node> members;
  std::vector<double> figures;
  for (const graph::Cycle& cycle : cycles.cycles) {
    members.insert(members.end(), cycle.members.begin(), cycle.members.end());
    offsets.push_back(static_cast<uint32_t>(members.size()));
    figures.insert(figures.end(), {Double(cycle.size), Double(cycle.retained),
                                   Double(cycle.entries), cycle.self ? 1.0 : 0.0});
  }
  auto result = Napi::Object::New(env);
  result.Set("offsets", NodesValue(env, offsets));
  result.Set("members", NodesValue(env, members));
  result.Set("figures", NumbersValue(env, figures));
  result.Set("total", Double(cycles.total));
  return result;
}

// cycles(graph, limit, maxMembers, done): job
Napi::Value CyclesLater(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    auto found = std::make_shared<graph::Cycles>();
    return StartJob(
        info.Env(), info[3],
        [held = GraphOf(info[0]), limit = Number(info[1]), most = Number(info[2]), found](
            Control& control) { *found = graph::FindCycles(held->graph(), limit, most, control); },
        [found](Napi::Env env) { return CyclesValue(env, *found); });
  });
}

// cyclesSync(graph, limit, maxMembers): cycles
Napi::Value CyclesSync(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    Control control;
    return CyclesValue(info.Env(),
                       graph::FindCycles(held->graph(), Number(info[1]), Number(info[2]), control));
  });
}

// suspects(graph, share): 7 numbers each
Napi::Value Suspects(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const double share = info[1].As<Napi::Number>().DoubleValue();
    std::vector<double> figures;
    for (const graph::Suspect& suspect : graph::FindSuspects(held->graph(), share)) {
      figures.insert(figures.end(),
                     {Double(suspect.node), Double(suspect.class_index), Double(suspect.instances),
                      Double(suspect.retained), Double(suspect.accumulation),
                      Double(suspect.accumulated), Double(suspect.biggest_child)});
    }
    return NumbersValue(info.Env(), figures);
  });
}

// diffGraphs(graph, earlier, byId): { keys, names, figures }
Napi::Value Diff(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const Napi::Env env = info.Env();
    const GraphPointer held = GraphOf(info[0]);
    const GraphPointer earlier = GraphOf(info[1]);
    const bool by_id = info[2].As<Napi::Boolean>().Value();
    const Graph& now = held->graph();
    const Graph& then = earlier->graph();
    const auto or_nothing = [&](uint64_t value) {
      return by_id ? Double(value) : std::numeric_limits<double>::quiet_NaN();
    };
    auto keys = Napi::Array::New(env);
    auto names = Napi::Array::New(env);
    std::vector<double> figures;
    for (const graph::ClassDiff& row : graph::Compare(now, then, by_id)) {
      static const graph::ClassRow kNone{};
      const graph::ClassRow& a = row.now == kNoNode ? kNone : now.classes[row.now];
      const graph::ClassRow& b = row.then == kNoNode ? kNone : then.classes[row.then];
      if (a.count == 0 && b.count == 0) continue;
      const Graph& graph = row.now == kNoNode ? then : now;
      const graph::ClassRow& named = row.now == kNoNode ? b : a;
      const uint32_t at = keys.Length();
      keys[at] = StringValue(env, graph.strings[named.key]);
      names[at] = StringValue(env, graph.strings[named.name]);
      figures.insert(figures.end(),
                     {Double(a.count), Double(b.count), Double(a.shallow), Double(b.shallow),
                      or_nothing(row.added), or_nothing(row.added_bytes), or_nothing(row.removed),
                      or_nothing(row.removed_bytes), or_nothing(row.grown_bytes)});
    }
    auto result = Napi::Object::New(env);
    result.Set("keys", keys);
    result.Set("names", names);
    result.Set("figures", NumbersValue(env, figures));
    return Napi::Value(result);
  });
}

// nodesOnlyIn(graph, other, classIndex, from, limit): Uint32Array
Napi::Value NodesOnlyInValue(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const GraphPointer other = GraphOf(info[1]);
    const uint32_t index = ClassArgument(held->graph(), info[2]);
    return NodesValue(info.Env(), graph::NodesOnlyIn(held->graph(), other->graph(), index,
                                                     Number(info[3]), Number(info[4])));
  });
}

}  // namespace

void ExposeAnalyses(Napi::Object exports, Environment* environment) {
  const auto expose = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(exports.Env(), function, name, environment));
  };
  expose("retainingPaths", RetainingPaths);
  expose("retainingPathsSync", RetainingPathsSync);
  expose("cycles", CyclesLater);
  expose("cyclesSync", CyclesSync);
  expose("suspects", Suspects);
  expose("diffGraphs", Diff);
  expose("nodesOnlyIn", NodesOnlyInValue);
}

}  // namespace heapscope::graph_bindings
