#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/mapped_file.h"
#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::graph {

// A graph's columns one after the other, as they stand in memory, behind a header that says where.
// So opening is mapping: nothing is parsed, and pages are read when they are asked for.
void Save(const Graph& graph, const std::string& path, Control& control);
Graph Open(const std::string& path);

// The same to and from what has no path. The sink throws where it cannot take the bytes.
using Sink = std::function<void(const void* bytes, size_t size)>;
void Write(const Graph& graph, const Sink& sink, Control& control);
Graph Open(std::shared_ptr<MappedFile> file, const std::string& name);

}  // namespace heapscope::graph
