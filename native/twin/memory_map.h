#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/control.h"

namespace heapscope::twin {

struct Range {
  uintptr_t begin;
  uintptr_t end;

  uintptr_t size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

// A private mapping without a file: V8's memory, malloc's, stacks of threads, room kept free.
struct Mapping : Range {
  int protection;  // PROT_READ | …

  bool readable() const { return (protection & PROT_READ) != 0; }
  bool operator==(const Mapping&) const = default;
};

// The same, with what only the slow list of the kernel tells.
struct Surveyed : Mapping {
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

  // The same with the advice that V8 gave for its memory. To tell it the kernel walks the page
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

}  // namespace heapscope::twin
