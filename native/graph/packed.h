#pragma once

#include <cstdint>

#include "graph/column.h"
#include "graph/varint.h"

namespace heapscope::graph {

// A column of numbers that are mostly near their neighbours (ids, sizes), a byte or two each: the
// differences as varints, in blocks of 64 that can be read on their own.
class Packed {
 public:
  static constexpr uint32_t kBlock = 64;

  Packed() = default;
  Packed(size_t size, Column<uint64_t> blocks, Column<uint8_t> bytes)
      : size_(size), blocks_(std::move(blocks)), bytes_(std::move(bytes)) {}

  size_t size() const { return size_; }
  const Column<uint64_t>& blocks() const { return blocks_; }
  const Column<uint8_t>& bytes() const { return bytes_; }
  size_t memory() const { return blocks_.bytes() + bytes_.bytes(); }

  void push_back(uint64_t value) {
    if (size_ % kBlock == 0) {
      blocks_.push_back(bytes_.size());
      last_ = 0;
    }
    bytes_.Require(kMaxVarint);
    uint8_t* const out = bytes_.end();
    const auto delta = static_cast<int64_t>(value - last_);
    bytes_.Extend(static_cast<size_t>(WriteVarint(out, ZigZag(delta)) - out));
    last_ = value;
    ++size_;
  }

  void Shrink() {
    blocks_.Shrink();
    bytes_.Shrink();
  }

  uint64_t operator[](size_t index) const {
    const uint8_t* const end = bytes_.end();
    const uint64_t at = blocks_[index / kBlock];
    const uint8_t* in = at <= bytes_.size() ? bytes_.data() + at : end;
    uint64_t value = 0;
    for (size_t i = index % kBlock + 1; i > 0; --i) {
      uint64_t delta;
      in = ReadVarint(in, end, delta);
      value += static_cast<uint64_t>(UnZigZag(delta));
    }
    return value;
  }

  // f(index, value) for all in order.
  template <typename F>
  void ForEach(F&& f) const {
    const uint8_t* in = bytes_.begin();
    const uint8_t* const end = bytes_.end();
    uint64_t value = 0;
    for (size_t i = 0; i < size_; ++i) {
      if (i % kBlock == 0) value = 0;
      uint64_t delta;
      in = ReadVarint(in, end, delta);
      value += static_cast<uint64_t>(UnZigZag(delta));
      f(i, value);
    }
  }

 private:
  size_t size_ = 0;
  uint64_t last_ = 0;
  Column<uint64_t> blocks_;
  Column<uint8_t> bytes_;
};

}  // namespace heapscope::graph
