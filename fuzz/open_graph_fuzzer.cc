// Opens what libFuzzer made of a saved graph. The header's checksum is put right first, or nothing
// would get past it.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "graph/cycles.h"
#include "graph/diff.h"
#include "graph/storage.h"
#include "graph/suspects.h"

using namespace heapscope;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string path = "/tmp/open_graph_fuzzer." + std::to_string(getpid());
  std::string bytes(reinterpret_cast<const char*>(data), size);
  constexpr size_t kHeader = 360;  // sizeof(Header) in storage.cc; the checksum is its last word
  if (size >= kHeader) {
    uint64_t hash = 0xcbf29ce484222325;
    std::memcpy(bytes.data() + 16, &size, 8);
    for (size_t i = 0; i < kHeader - 8; ++i) {
      hash = (hash ^ static_cast<uint8_t>(bytes[i])) * 0x100000001b3;
    }
    std::memcpy(bytes.data() + kHeader - 8, &hash, 8);
  }
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  graph::Control control;
  try {
    const graph::Graph graph = graph::Open(path);
    for (graph::Node node = 0; node < graph.nodes() && node < 1000; ++node) {
      graph::Edge edge;
      for (graph::EdgeCursor cursor = graph.EdgesOf(node); cursor.Next(edge);) {
        if (!graph::HasIndex(graph.TypeOf(edge))) (void)graph.strings[graph.NameOf(edge)];
      }
      (void)graph.ids[node];
      (void)graph.ClassOf(node);
    }
    graph::FindCycles(graph, {}, 10, 10, control);
    for (const graph::Suspect& suspect : graph::FindSuspects(graph, 0.2, control)) {
      if (suspect.node != graph::kNoNode) graph::ContentOf(graph, suspect.node, control);
    }
    graph::Compare(graph, graph, true, control);
  } catch (const graph::Error&) {
  }
  return 0;
}
