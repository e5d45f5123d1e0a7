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
  bool operator==(const Range&) const = default;
};

// A private mapping without a file: V8's memory, malloc's, stacks of threads.
struct Mapping : Range {
  int protection;  // PROT_READ | …

  bool operator==(const Mapping&) const = default;
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

  // Those that a fork leaves out, as V8 has advised for its memory (MADV_DONTFORK). To tell it the
  // kernel walks the page tables: 40 ms per gigabyte, so it is asked on another thread, beforehand.
  void Survey(const graph::Control* control);
  const std::vector<Mapping>& left_out() const { return left_out_; }

 private:
  template <typename F>
  void EachLine(const char* path, F&& f);

  std::vector<char> buffer_;
  std::vector<Mapping> mappings_;
  std::vector<Mapping> left_out_;
};

}  // namespace heapscope::twin
