#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

#include "twin/harmless.h"

namespace heapscope::twin {

// How a twin ended, and what it took.
struct Ending {
  enum Cause { kByItself, kHung, kDeadline, kMemory, kCancelled };
  Cause cause = kByItself;
  int signal = 0;  // that ended it, or 0
  int exit_code = 0;
  uint64_t peak_bytes = 0;  // the most memory that it had to itself
};

// Waits until the twin has ended, and takes it from the kernel. Ends it itself at its deadline,
// where it takes more than its memory, where `cancelled` says so, and where its processor time
// stands still though nothing keeps it from working: then it waits for a lock whose owner is not
// there. To be called on a thread that may wait.
Ending Watch(pid_t twin, const Bounds& bounds, const std::atomic<bool>& cancelled);

}  // namespace heapscope::twin
