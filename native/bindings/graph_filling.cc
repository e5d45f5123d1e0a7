#include <v8-profiler.h>

#include <algorithm>

#include "base/clock.h"
#include "base/process_facts.h"
#include "bindings/bindings.h"
#include "bindings/graph_values.h"
#include "bindings/job.h"
#include "capture/census.h"
#include "capture/heap_capture.h"
#include "capture/snapshot_reader.h"
#include "capture/snapshot_writer.h"
#include "environment.h"
#include "graph/analysis.h"
#include "graph/storage.h"
#include "owned.h"
#include "v8_value.h"

namespace heapscope::bindings {

namespace {

using graph::Control;

Environment& EnvironmentOf(const Napi::CallbackInfo& info) {
  return *static_cast<Environment*>(info.Data());
}

Napi::Value Undefined(Napi::Env env) { return env.Undefined(); }

// A graph on its way to script.
struct Filled {
  graph::Graph graph;
  std::vector<graph::Node> objects;
  uint64_t resident_before = ResidentBytes();
  uint64_t most_resident = 0;

  GraphPointer Analyzed(Control& control) {
    graph::Analyze(graph, control);
    const uint64_t most = std::max({most_resident, control.most_resident(), resident_before});
    return std::make_shared<HeldGraph>(std::move(graph), most - resident_before,
                                       std::move(objects));
  }
};
using FilledPointer = std::shared_ptr<Filled>;

// Analyses what `fill` brings, on another thread.
Napi::Value FillLater(const Napi::CallbackInfo& info, const Napi::Value& done, FilledPointer filled,
                      std::function<void(Control&)> fill = {}) {
  auto result = std::make_shared<GraphPointer>();
  return StartJob(
      info.Env(), done,
      [result, filled = std::move(filled), fill = std::move(fill)](Control& control) {
        if (fill) fill(control);
        *result = filled->Analyzed(control);
      },
      [result](Napi::Env env) { return GraphValue(env, std::move(*result)); });
}

// V8's snapshot and the graph read from it.
struct Captured {
  Captured(const Napi::CallbackInfo& info, const Napi::Value& objects, bool by_layout = true)
      : wanted(WeakHandles(info, objects)),
        snapshot(EnvironmentOf(info).isolate(), info[0].As<Napi::Boolean>().Value()) {
    Control control;
    filled->graph = snapshot.Read(info.Env(), wanted, filled->objects, control, by_layout);
    filled->most_resident = control.most_resident();
  }

  // Empties the list of objects, which must not show up as holding them.
  static std::vector<v8::Global<v8::Value>> WeakHandles(const Napi::CallbackInfo& info,
                                                        const Napi::Value& objects) {
    std::vector<v8::Global<v8::Value>> handles;
    if (!objects.IsArray()) return handles;
    const Napi::HandleScope scope(info.Env());
    auto list = objects.As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); ++i) {
      const Napi::Value object = list.Get(i);
      if (object.IsEmpty()) break;  // the worker is being terminated
      handles.emplace_back(EnvironmentOf(info).isolate(), ToV8<v8::Value>(object));
      handles.back().SetWeak();
    }
    list.Set("length", 0.0);
    return handles;
  }

  FilledPointer filled = std::make_shared<Filled>();
  const std::vector<v8::Global<v8::Value>> wanted;
  const capture::TakenSnapshot snapshot;
};

// captureGraph(keepIds, done, objects?): job
Napi::Value Capture(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    Captured captured(info, info[2]);
    // The other thread is at work while V8 takes its snapshot apart. Hooks of async_hooks may run
    // here; the snapshot does not mind what script does.
    return FillLater(info, info[1], std::move(captured.filled));
  });
}

// captureGraphSync(keepIds, objects?, byLayout?): graph
Napi::Value CaptureSync(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const bool by_layout = info[2].IsUndefined() || info[2].As<Napi::Boolean>().Value();
    // V8's snapshot ends with this line: it is large, and the analysis needs memory too.
    const FilledPointer filled = Captured(info, info[1], by_layout).filled;
    Control control;
    return GraphValue(info.Env(), filled->Analyzed(control));
  });
}

// graphObjects(graph): Uint32Array
Napi::Value Objects(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] { return NodesValue(info.Env(), GraphOf(info[0])->objects()); });
}

// readGraphFile(path, done): job
Napi::Value ReadFile(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    auto filled = std::make_shared<Filled>();
    return FillLater(info, info[1], filled,
                     [filled, path = info[0].As<Napi::String>().Utf8Value()](Control& control) {
                       filled->graph = capture::ReadSnapshotFile(path, control);
                     });
  });
}

// A reader between chunks; jobs use it one after the other.
struct ChunkReader {
  Control idle;
  capture::SnapshotReader reader{idle};
  uint64_t reading_ns = 0;
  FilledPointer filled = std::make_shared<Filled>();
};
using ReaderPointer = std::shared_ptr<ChunkReader>;

ReaderPointer ReaderOf(const Napi::Value& value) {
  return *value.As<Napi::External<ReaderPointer>>().Data();
}

// createGraphReader(): reader
Napi::Value CreateReader(const Napi::CallbackInfo& info) {
  return Owned(info.Env(), std::make_unique<ReaderPointer>(std::make_shared<ChunkReader>()));
}

// pushGraphChunk(reader, chunk, done): job
Napi::Value PushChunk(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const auto chunk = info[1].As<Napi::Uint8Array>();
    auto bytes = std::make_shared<std::string>(reinterpret_cast<const char*>(chunk.Data()),
                                               chunk.ByteLength());
    return StartJob(
        info.Env(), info[2],
        [reader = ReaderOf(info[0]), bytes](Control& control) {
          const uint64_t start = MonotonicNs();
          reader->reader.set_control(control);
          reader->reader.Push(bytes->data(), bytes->size());
          reader->reader.set_control(reader->idle);
          reader->reading_ns += MonotonicNs() - start;
          uint64_t& most = reader->filled->most_resident;
          most = std::max(most, control.most_resident());
        },
        Undefined);
  });
}

// finishGraphReader(reader, done): job
Napi::Value FinishReader(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const ReaderPointer reader = ReaderOf(info[0]);
    return FillLater(info, info[1], reader->filled, [reader](Control& control) {
      reader->reader.set_control(control);
      reader->filled->graph = reader->reader.Finish();
      reader->filled->graph.facts.reading_ns = reader->reading_ns;
    });
  });
}

// openGraph(path): graph
Napi::Value OpenGraph(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    graph::Graph graph = graph::Open(info[0].As<Napi::String>().Utf8Value());
    return GraphValue(info.Env(), std::make_shared<HeldGraph>(std::move(graph)));
  });
}

// saveGraph(graph, path, done): job
Napi::Value SaveGraph(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    return StartJob(
        info.Env(), info[2],
        [graph = GraphOf(info[0]), path = info[1].As<Napi::String>().Utf8Value()](
            Control& control) { graph::Save(graph->graph(), path, control); },
        Undefined);
  });
}

// writeHeapSnapshot(graph, path, redact, done): job
Napi::Value WriteHeapSnapshot(const Napi::CallbackInfo& info) {
  return Guarded(info, [&] {
    const bool redact = info[2].As<Napi::Boolean>().Value();
    return StartJob(
        info.Env(), info[3],
        [graph = GraphOf(info[0]), path = info[1].As<Napi::String>().Utf8Value(), redact](
            Control& control) { capture::WriteSnapshot(graph->graph(), path, redact, control); },
        Undefined);
  });
}

// cancelJob(job)
void CancelJob(const Napi::CallbackInfo& info) { ControlOf(info[0]).Cancel(); }

// jobProgress(job): [stage, done, total]
Napi::Value JobProgress(const Napi::CallbackInfo& info) {
  const Control& control = ControlOf(info[0]);
  return NumbersValue(info.Env(),
                      {static_cast<double>(control.stage()), static_cast<double>(control.done()),
                       static_cast<double>(control.total())});
}

// releaseGraph(graph)
void Release(const Napi::CallbackInfo& info) { ReleaseGraph(info[0]); }

// estimateCapture(): [nodes, bytes meanwhile, pause ms, bytes of the graph, bytes of heap in use]
Napi::Value Estimate(const Napi::CallbackInfo& info) {
  // Measured: a node is 35 to 60 bytes of heap; for each V8 takes up to 3.4 µs and up to 820 bytes
  // until it has taken its snapshot apart, the graph with what its analysis needs up to 80.
  constexpr double kHeapPerNode = 42, kBytesPerNode = 820, kUsPerNode = 3.4, kGraphPerNode = 80;
  v8::HeapStatistics statistics;
  EnvironmentOf(info).isolate()->GetHeapStatistics(&statistics);
  const auto used = static_cast<double>(statistics.used_heap_size());
  const double nodes = used / kHeapPerNode;
  return NumbersValue(info.Env(), {nodes, nodes * kBytesPerNode, nodes * kUsPerNode / 1000,
                                   nodes * kGraphPerNode, used});
}

// heapObjectId(value): number
Napi::Value ObjectId(const Napi::CallbackInfo& info) {
  v8::HeapProfiler* profiler = EnvironmentOf(info).isolate()->GetHeapProfiler();
  return Napi::Number::New(info.Env(), profiler->GetObjectId(ToV8<v8::Value>(info[0])));
}

// census(): { names, counts }
Napi::Value Census(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto rows = capture::TakeCensus(env, EnvironmentOf(info).isolate());
  auto names = Napi::Array::New(env, rows.size());
  std::vector<double> counts;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    names[i] = StringValue(env, rows[i].first);
    counts.push_back(static_cast<double>(rows[i].second));
  }
  auto result = Napi::Object::New(env);
  result.Set("names", names);
  result.Set("counts", NumbersValue(env, counts));
  return result;
}

}  // namespace

void ExposeGraphFilling(Napi::Object exports, Environment* environment) {
  const Exposing expose(exports, environment);
  expose("captureGraph", Capture);
  expose("captureGraphSync", CaptureSync);
  expose("readGraphFile", ReadFile);
  expose("createGraphReader", CreateReader);
  expose("pushGraphChunk", PushChunk);
  expose("finishGraphReader", FinishReader);
  expose("openGraph", OpenGraph);
  expose("saveGraph", SaveGraph);
  expose("writeHeapSnapshot", WriteHeapSnapshot);
  expose("cancelJob", CancelJob);
  expose("jobProgress", JobProgress);
  expose("releaseGraph", Release);
  expose("estimateCapture", Estimate);
  expose("graphObjects", Objects);
  expose("heapObjectId", ObjectId);
  expose("census", Census);
}

}  // namespace heapscope::bindings
