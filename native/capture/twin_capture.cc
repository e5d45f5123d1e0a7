#include "capture/twin_capture.h"

#include <v8-profiler.h>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "base/process_facts.h"
#include "capture/heap_capture.h"
#include "graph/analysis.h"
#include "graph/storage.h"
#include "twin/spill.h"

namespace heapscope::capture {

namespace {

using graph::Node;
using twin::Followed;

// A file in memory, or, of a twin that spills, on a disk.
class Result {
 public:
  explicit Result(const twin::Twin& twin) : file_(twin.result()), on_disk_(twin.spill() >= 0) {}

  void Write(const void* bytes, size_t size) const {
    for (size_t done = 0; done < size;) {
      const ssize_t put = write(file_, static_cast<const char*>(bytes) + done, size - done);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) Fail();
      done += static_cast<size_t>(put);
    }
  }

  // The service maps the file. What the disk then turned out not to have taken would end it.
  void Finish() const {
    if (on_disk_ && fdatasync(file_) != 0) Fail();
  }

 private:
  [[noreturn]] void Fail() const {
    throw graph::Error(
        on_disk_ || errno == EFBIG ? graph::kErrorIo : graph::kErrorMemory,
        std::string("the twin could not hand over its graph: ") + std::strerror(errno));
  }

  const int file_;
  const bool on_disk_;
};

class Progress final : public v8::ActivityControl {
 public:
  Progress(graph::Control& control, twin::Spill* spill) : control_(control), spill_(spill) {}
  ControlOption ReportProgressValue(uint32_t done, uint32_t total) override {
    control_.Begin(graph::Stage::kReading, total);
    control_.At(done);
    if (spill_ != nullptr) spill_->Step();
    return kContinue;
  }

 private:
  graph::Control& control_;
  twin::Spill* const spill_;
};

}  // namespace

size_t TwinObjectBytes(size_t objects) { return (objects * sizeof(Node) + 63) / 64 * 64; }

size_t TwinReportBytes(size_t objects, tracking::Tracker& tracker) {
  size_t followed = 0;
  for (uint32_t i = 0; i < tracker.size(); ++i) followed += tracker[i].followed();
  return TwinObjectBytes(objects) + followed * sizeof(Followed);
}

void CaptureInTwin(Napi::Env env, v8::Isolate* isolate, tracking::Tracker& tracker,
                   const std::vector<v8::Global<v8::Value>>& objects, twin::Twin& twin) {
  auto* const followed =
      reinterpret_cast<Followed*>(twin.behind_report() + TwinObjectBytes(objects.size()));
  std::optional<twin::Spill> spill;
  if (twin.spill() >= 0) spill.emplace(twin.spill(), twin.bounds(), twin.report());
  Progress progress(twin.report().control, spill ? &*spill : nullptr);
  std::vector<Node> found;
  graph::Graph graph;
  {
    auto snapshot = std::make_unique<const TakenSnapshot>(isolate, true, &progress);
    if (spill) spill->All();
    std::vector<v8::SnapshotObjectId> ids;
    for (uint32_t i = 0; i < tracker.size(); ++i) {
      tracker[i].ForEachLive([&](tracking::Slot, tracking::Instance& instance) {
        const v8::HandleScope scope(isolate);
        ids.push_back(isolate->GetHeapProfiler()->GetObjectId(instance.handle.Get(isolate)));
        followed[ids.size() - 1] = {.id = instance.id,
                                    .born_ms = instance.born_ms,
                                    .class_index = i,
                                    .site = static_cast<uint32_t>(instance.site),
                                    .node = graph::kNoNode};
      });
    }
    graph = snapshot->Read(env, objects, found, twin.report().control, true, ids);
    if (spill) static_cast<void>(snapshot.release());  // to free it means to read it all again
  }
  graph.facts.comparable_ids = 0;  // another twin numbers anew
  graph::Analyze(graph, twin.report().control, true);
  std::memcpy(twin.behind_report(), found.data(), objects.size() * sizeof(Node));
  const size_t count = found.size() - objects.size();
  for (size_t i = 0; i < count; ++i) followed[i].node = found[objects.size() + i];
  twin.report().followed.store(static_cast<uint32_t>(count));
  const Result result(twin);
  graph::Write(
      graph, [&](const void* bytes, size_t size) { result.Write(bytes, size); },
      twin.report().control);
  twin.report().resident_at_end.store(ResidentBytes());
  result.Finish();
}

}  // namespace heapscope::capture
