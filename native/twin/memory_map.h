#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/control.h"

namespace heapscope::twin {

struct Range {
  uintptr_t begin;
  uintptr_t end;

  uintptr_t size() const { return end - begin; }
};

// A private mapping without a file: V8's memory, malloc's, stacks of threads.
struct Mapping : Range {
  int protection;  // PROT_READ | …
};

// The same, with what only the slow list of the kernel tells.
struct Surveyed : Range {
  bool left_out;  // a fork leaves it out: MADV_DONTFORK
};

// Reads the lists into memory that it was given once and keeps: what is mapped and unmapped while
// one looks would be taken for the program's.
class MemoryMap {
 public:
  MemoryMap();

  // All of them, ascending. Takes 0.7 µs a mapping. Throws where the kernel does not tell.
  // With the heap of the C library, which every fork copies, where that is wanted.
  void Read(bool with_heap = false);
  const std::vector<Mapping>& mappings() const { return mappings_; }

  // The same with the advice that V8 gave for its memory. To know it the kernel walks the page
  // tables: 40 ms per gigabyte, so it is asked on another thread, beforehand.
  void Survey(const graph::Control* control);
  const std::vector<Surveyed>& survey() const { return survey_; }

 private:
  template <typename F>
  void EachLine(const char* path, F&& f);

  std::vector<char> buffer_;
  std::vector<Mapping> mappings_;
  std::vector<Surveyed> survey_;
};

// What has to be done so that a fork copies all of it.
struct CopyPlan {
  std::vector<Range> left_out;  // to be advised otherwise
  std::vector<Mapping> late;    // new since the survey, so nobody knows; to be carried over by hand
  uint64_t late_bytes = 0;      // of what can be read of the latter
};
CopyPlan PlanCopy(const std::vector<Surveyed>& survey, const std::vector<Mapping>& now);

}  // namespace heapscope::twin
