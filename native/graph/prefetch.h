#pragma once

namespace heapscope::graph {

// Asks for memory before its turn comes. The address may be anything.
inline void Prefetch([[maybe_unused]] const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#endif
}

}  // namespace heapscope::graph
