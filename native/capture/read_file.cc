#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/clock.h"
#include "capture/snapshot_reader.h"

namespace heapscope::capture {

graph::Graph ReadSnapshotFile(const std::string& path, graph::Control& control) {
  constexpr size_t kPiece = 1 << 19;
  const uint64_t start = MonotonicNs();
  const auto fail = [&] {
    throw graph::Error(graph::kErrorIo, "cannot read " + path + ": " + std::strerror(errno));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (!file) fail();
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  SnapshotReader reader(control);
  reader.UseSecondThread();
  graph::Graph graph;
  try {
    while (const size_t got = std::fread(reader.Room(kPiece), 1, kPiece, file.get())) {
      reader.Pushed(got);
    }
    if (std::ferror(file.get())) fail();
    graph = reader.Finish();
  } catch (const graph::Error& error) {
    if (error.offset() == graph::Error::kNoOffset) throw;  // not of the file's contents
    throw graph::Error(error.code(), path + ": " + error.what(), error.offset());
  }
  graph.facts.reading_ns = MonotonicNs() - start;
  return graph;
}

}  // namespace heapscope::capture
