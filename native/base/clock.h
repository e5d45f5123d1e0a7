#pragma once

#include <chrono>
#include <cstdint>
#ifdef __linux__
#include <time.h>
#endif

namespace heapscope {

// Nanoseconds of the steady clock: for pauses.
inline uint64_t MonotonicNs() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

// Milliseconds of the same clock, at the kernel's tick (1 to 10 ms): for the birth of an instance,
// where a quarter of the price of the precise clock matters more than the last millisecond.
inline uint64_t CoarseMs() {
#ifdef __linux__
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
#else
  return MonotonicNs() / 1000000;
#endif
}

}  // namespace heapscope
