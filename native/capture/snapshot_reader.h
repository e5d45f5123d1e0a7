#pragma once

#include <cstdint>
#include <string>

#include "capture/row_feeder.h"
#include "capture/snapshot_meta.h"
#include "graph/builder.h"
#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::capture {

// Reads a .heapsnapshot (JSON as V8 writes it) straight into a graph, piece by piece as it comes.
// Nothing of the text is kept but an unfinished row or string.
class SnapshotReader {
 public:
  explicit SnapshotReader(graph::Control& control) : control_(&control) {}

  // Each piece may be read by another thread, one after the other.
  void set_control(graph::Control& control) { control_ = &control; }

  // Builds the graph on a second thread while this one reads.
  void UseSecondThread() { feeder_.UseThread(); }

  // For those who have a place to read into: at least `size` bytes, then Pushed with how many came.
  char* Room(size_t size);
  void Pushed(size_t size);
  void Push(const char* bytes, size_t size);

  // After the last piece.
  graph::Graph Finish();

 private:
  enum class State : uint8_t {
    kStart,     // before the opening brace
    kName,      // before a member's name, or the end
    kColon,     // behind the name
    kSnapshot,  // inside the description
    kBracket,   // before the opening bracket of a list we read
    kNodes,
    kEdges,
    kLocations,
    kStrings,
    kSkip,        // inside a value we do not need
    kAfterValue,  // before a comma or the end
    kEnd,
  };

  // Each works on [at_, end_) and returns false when it needs more than there is.
  bool Step();
  bool Start();
  bool Name();
  bool Colon();
  bool Skip();
  bool Bracket();
  bool Nodes();
  bool Edges();
  bool Locations();
  bool StringList();
  bool AfterValue();

  bool SkipSpace();
  // One row of unsigned numbers. kMore: not all of it is here yet; at_ is where it was.
  enum class Row : uint8_t { kRow, kMore, kEnd };
  Row TakeRow(uint64_t* values, int count);
  bool TakePlainRow(uint64_t* values, int count);
  bool TakeString();
  void EndSection();
  void Describe();

  int64_t Offset(const char* at) const { return consumed_ + (at - data_.data()); }
  [[noreturn]] void Fail(const std::string& what, const char* at) const;
  [[noreturn]] void Truncated() const;

  graph::Control* control_;
  graph::Builder builder_;
  RowFeeder feeder_{builder_};
  SnapshotMeta meta_;
  State state_ = State::kStart;
  State section_ = State::kSkip;
  std::string name_;
  uint32_t seen_ = 0;  // sections read, a bit each
  bool first_ = true;  // of a list's or object's members
  uint64_t rows_ = 0;
  uint64_t announced_ = 0;  // edges, by the nodes read so far

  // Of a value that is skipped or collected.
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  std::string description_;
  int64_t description_at_ = 0;

  graph::Column<char> data_;  // what came and is not consumed, and a zero behind it
  size_t filled_ = 0;
  int64_t consumed_ = 0;  // bytes of the file before data_
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

// The whole of it, from a file.
graph::Graph ReadSnapshotFile(const std::string& path, graph::Control& control);

}  // namespace heapscope::capture
