#pragma once

#include <cstdint>
#include <cstring>

namespace heapscope::capture {

// How V8 has laid out its snapshot's nodes and edges since Node 20. Nothing relies on it unchecked.
struct RawNode {
  uint32_t type_and_index;
  uint32_t children;
  uint64_t size_and_more;  // the size is its lower 48 bits
  const void* snapshot;
  uint64_t name;
  uint32_t id;

  uint32_t index() const { return type_and_index >> 4; }
  uint64_t size() const { return size_and_more & (~uint64_t{0} >> 16); }
};
struct RawEdge {
  uint64_t bits;
  const void* to;
  uint64_t name;
};

template <typename T>
T Raw(const void* object) {
  T raw;
  std::memcpy(&raw, object, sizeof(raw));
  return raw;
}

}  // namespace heapscope::capture
