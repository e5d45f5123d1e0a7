#pragma once

#include <cstdint>
#include <string_view>

#include "graph/column.h"
#include "graph/error.h"

namespace heapscope::graph {

// Strings by index, as UTF-8 in which a lone surrogate is three bytes like any other character.
class Strings {
 public:
  Strings() = default;
  Strings(Column<uint64_t> ends, Column<char> bytes)
      : ends_(std::move(ends)), bytes_(std::move(bytes)) {}

  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }
  const Column<uint64_t>& ends() const { return ends_; }
  const Column<char>& bytes() const { return bytes_; }

  std::string_view operator[](uint32_t index) const {
    if (index >= ends_.size()) return {};
    const uint64_t start = index == 0 ? 0 : ends_[index - 1];
    const uint64_t end = ends_[index];
    if (start > end || end > bytes_.size()) throw Error(kErrorGraph, "its strings are damaged");
    return {bytes_.data() + start, static_cast<size_t>(end - start)};
  }

  uint32_t Add(std::string_view text) {
    bytes_.Append(text.data(), text.size());
    return EndString();
  }

  // For those who write into `growing()` piece by piece.
  Column<char>& growing() { return bytes_; }
  uint32_t EndString() {
    ends_.push_back(bytes_.size());
    return size() - 1;
  }

  void Shrink() {
    ends_.Shrink();
    bytes_.Shrink();
  }

 private:
  Column<uint64_t> ends_;
  Column<char> bytes_;
};

}  // namespace heapscope::graph
