#pragma once

#include <cstddef>

// Large blocks straight from the system, which gets them back at once when they are freed. An
// allocator keeps them for later: glibc's takes blocks of up to 32 MB from its heap as soon as one
// of that size was ever freed. Null where there is no memory.
namespace heapscope::pages {

// Blocks from this size on are worth it.
inline constexpr size_t kLeast = size_t{1} << 18;

// Zeroed.
void* Allocate(size_t bytes);
// Keeps what fits; moves pages instead of copying them where the system can.
void* Resize(void* block, size_t bytes, size_t wanted);
void Free(void* block, size_t bytes);

}  // namespace heapscope::pages
