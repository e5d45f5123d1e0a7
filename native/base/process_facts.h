#pragma once

#include <cstdint>
#include <optional>

namespace heapscope {

// What the C library's allocator holds, in bytes.
struct MallocFacts {
  uint64_t in_use;         // handed out and not freed, small blocks
  uint64_t free_retained;  // freed by the program, kept by the allocator: part of rss
  uint64_t mapped;         // large blocks with a mapping of their own
};

// Nothing where the C library does not tell (other than glibc 2.33 and later).
std::optional<MallocFacts> ReadMallocFacts();

// What the process has in memory, in bytes. Costs some microseconds.
uint64_t ResidentBytes();

// The kernel's id of the calling thread, as `top -H` shows it; 0 where there is none.
uint64_t OsThreadId();

}  // namespace heapscope
