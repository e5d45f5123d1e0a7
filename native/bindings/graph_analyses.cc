#include <limits>

#include "bindings/bindings.h"
#include "bindings/graph_values.h"
#include "bindings/job.h"
#include "graph/cycles.h"
#include "graph/diff.h"
#include "graph/suspects.h"
#include "owned.h"

namespace heapscope::bindings {

namespace {

using graph::Control;
using graph::Graph;
using graph::kNoNode;
using graph::Node;

double Double(uint64_t value) { return static_cast<double>(value); }

std::vector<graph::Path> FindPaths(HeldGraph& held, Node node, size_t limit, Control& control) {
  const graph::Paths& paths = held.paths(control);
  if (limit == 1) return paths.To(held.graph(), node);
  return paths.To(held.graph(), held.referrers(control), node, limit, control);
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
  constexpr size_t kMostClasses = 5;  // that are named
  std::vector<double> classes;
  std::vector<Node> offsets{0};
  std::vector<Node> members;
  std::vector<double> figures;
  for (const graph::Cycle& cycle : cycles.cycles) {
    members.insert(members.end(), cycle.members.begin(), cycle.members.end());
    offsets.push_back(static_cast<uint32_t>(members.size()));
    figures.insert(
        figures.end(),
        {Double(cycle.size), Double(cycle.retained), Double(cycle.entries), cycle.self ? 1.0 : 0.0,
         Double(cycle.classes.size()), Double(std::min(cycle.classes.size(), kMostClasses))});
    for (size_t i = 0; i < std::min(cycle.classes.size(), kMostClasses); ++i) {
      classes.insert(classes.end(),
                     {Double(cycle.classes[i].member), Double(cycle.classes[i].count)});
    }
  }
  auto result = Napi::Object::New(env);
  result.Set("offsets", NodesValue(env, offsets));
  result.Set("members", NodesValue(env, members));
  result.Set("figures", NumbersValue(env, figures));
  result.Set("classes", NumbersValue(env, classes));
  result.Set("total", Double(cycles.total));
  return result;
}

// cycles(graph, classes, limit, maxMembers, done): job
Napi::Value Cycles(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const GraphPointer held = GraphOf(info[0]);
    const auto list = info[1].As<Napi::Uint32Array>();
    std::vector<uint32_t> classes(list.Data(), list.Data() + list.ElementLength());
    for (const uint32_t index : classes) {
      if (index >= held->graph().classes.size()) throw NoSuchClass(held->graph());
    }
    auto found = std::make_shared<graph::Cycles>();
    return StartJob(
        info.Env(), info[4],
        [held, classes = std::move(classes), limit = Number(info[2]), most = Number(info[3]),
         found](Control& control) {
          *found = graph::FindCycles(held->graph(), classes, limit, most, control);
        },
        [found](Napi::Env env) { return CyclesValue(env, *found); });
  });
}

struct FoundSuspects {
  std::vector<graph::Suspect> suspects;
  std::vector<graph::Content> contents;
};

Napi::Value SuspectsValue(Napi::Env env, const FoundSuspects& found) {
  std::vector<double> figures, rows;
  for (size_t i = 0; i < found.suspects.size(); ++i) {
    const graph::Suspect& suspect = found.suspects[i];
    const graph::Content& content = found.contents[i];
    figures.insert(figures.end(),
                   {Double(suspect.node), Double(suspect.class_index), Double(suspect.instances),
                    Double(suspect.retained), Double(suspect.accumulation),
                    Double(content.children), Double(content.rows.size())});
    for (const graph::Content::Row& row : content.rows) {
      rows.insert(rows.end(), {Double(row.class_index), Double(row.first), Double(row.count),
                               Double(row.retained)});
    }
  }
  auto result = Napi::Object::New(env);
  result.Set("figures", NumbersValue(env, figures));
  result.Set("content", NumbersValue(env, rows));
  return result;
}

// suspects(graph, share, done): job
Napi::Value Suspects(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    auto found = std::make_shared<FoundSuspects>();
    return StartJob(
        info.Env(), info[2],
        [held = GraphOf(info[0]), share = info[1].As<Napi::Number>().DoubleValue(),
         found](Control& control) {
          found->suspects = graph::FindSuspects(held->graph(), share, control);
          for (const graph::Suspect& suspect : found->suspects) {
            const Node holder =
                suspect.accumulation == kNoNode ? suspect.node : suspect.accumulation;
            found->contents.push_back(holder == kNoNode
                                          ? graph::Content()
                                          : graph::ContentOf(held->graph(), holder, control));
          }
        },
        [found](Napi::Env env) { return SuspectsValue(env, *found); });
  });
}

// Two graphs and what is between them.
struct Comparison {
  GraphPointer now;
  GraphPointer then;
  bool by_id;
  graph::Differences differences;

  explicit Comparison(const Napi::CallbackInfo& info)
      : now(GraphOf(info[0])), then(GraphOf(info[1])), by_id(info[2].As<Napi::Boolean>().Value()) {}
  void Run(Control& control) {
    differences = graph::Compare(now->graph(), then->graph(), by_id, control);
  }
};
using ComparisonPointer = std::shared_ptr<Comparison>;

Napi::Value ComparisonValue(Napi::Env env, const ComparisonPointer& comparison) {
  const auto or_nothing = [&](uint64_t value) {
    return comparison->by_id ? Double(value) : std::numeric_limits<double>::quiet_NaN();
  };
  auto keys = Napi::Array::New(env);
  auto names = Napi::Array::New(env);
  uint32_t at = 0;
  std::vector<double> figures;
  for (const graph::ClassDiff& row : comparison->differences.classes) {
    keys[at] = StringValue(env, row.key);
    names[at++] = StringValue(env, row.name);
    figures.insert(
        figures.end(),
        {Double(row.count_now), Double(row.count_then), Double(row.shallow_now),
         Double(row.shallow_then), or_nothing(row.added), or_nothing(row.added_bytes),
         or_nothing(row.removed), or_nothing(row.removed_bytes), or_nothing(row.grown_bytes)});
  }
  auto result = Napi::Object::New(env);
  result.Set("keys", keys);
  result.Set("names", names);
  result.Set("figures", NumbersValue(env, figures));
  result.Set("changes", Owned(env, std::make_unique<ComparisonPointer>(comparison)));
  return result;
}

// diffGraphs(graph, earlier, byId, done): job
Napi::Value DiffLater(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    auto comparison = std::make_shared<Comparison>(info);
    return StartJob(
        info.Env(), info[3], [comparison](Control& control) { comparison->Run(control); },
        [comparison](Napi::Env env) { return ComparisonValue(env, comparison); });
  });
}

// diffGraphsSync(graph, earlier, byId): { keys, names, figures, changes }
Napi::Value DiffSync(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    auto comparison = std::make_shared<Comparison>(info);
    Control control;
    comparison->Run(control);
    return ComparisonValue(info.Env(), comparison);
  });
}

// changedNodes(changes, gone, classIndex, from, limit): Uint32Array
Napi::Value ChangedNodes(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const ComparisonPointer& comparison = *info[0].As<Napi::External<ComparisonPointer>>().Data();
    const bool gone = info[1].As<Napi::Boolean>().Value();
    const Graph& graph = (gone ? comparison->then : comparison->now)->graph();
    const auto& marks = gone ? comparison->differences.removed : comparison->differences.added;
    const uint32_t index = ClassArgument(graph, info[2]);
    return CollectNodes(
        info.Env(), static_cast<Node>(marks.size()), info[3], info[4],
        [&](Node node) { return marks[node] != 0 && graph.ClassOf(node) == index; });
  });
}

}  // namespace

void ExposeGraphAnalyses(Napi::Object exports, Environment* environment) {
  const Exposing expose(exports, environment);
  expose("retainingPaths", RetainingPaths);
  expose("retainingPathsSync", RetainingPathsSync);
  expose("cycles", Cycles);
  expose("suspects", Suspects);
  expose("diffGraphs", DiffLater);
  expose("diffGraphsSync", DiffSync);
  expose("changedNodes", ChangedNodes);
}

}  // namespace heapscope::bindings
