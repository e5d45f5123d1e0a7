#pragma once

#include <cstdint>

#include "graph/column.h"

namespace heapscope::graph {

// A set of numbers below `size`, a bit each: of ten million it fits a core's cache.
class Bits {
 public:
  Bits() = default;
  explicit Bits(size_t size) : words_(Column<uint64_t>::Zeroed(size / 64 + 1)) {}

  bool operator[](size_t index) const { return (words_[index / 64] >> (index % 64) & 1) != 0; }
  void Set(size_t index) { words_[index / 64] |= uint64_t{1} << (index % 64); }
  // False if it was there.
  bool Add(size_t index) {
    uint64_t& word = words_[index / 64];
    const uint64_t bit = uint64_t{1} << (index % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
  }

 private:
  Column<uint64_t> words_;
};

}  // namespace heapscope::graph
