#pragma once

#include <cstdint>

namespace heapscope::graph {

inline constexpr int kMaxVarint = 10;

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

// Seven bits a byte, the lowest first. Returns the byte behind.
inline uint8_t* WriteVarint(uint8_t* out, uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<uint8_t>(value) | 0x80;
    value >>= 7;
  }
  *out++ = static_cast<uint8_t>(value);
  return out;
}

// Reads up to `end`; a value that does not end there is cut off.
inline const uint8_t* ReadVarint(const uint8_t* in, const uint8_t* end, uint64_t& value) {
  uint64_t result = 0;
  for (int shift = 0; in < end && shift < 64; shift += 7) {
    const uint8_t byte = *in++;
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  value = result;
  return in;
}

}  // namespace heapscope::graph
