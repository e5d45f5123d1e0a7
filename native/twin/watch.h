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
  bool undead = false;      // was killed, and is still there: it waits for a disk
};

struct Watched {
  pid_t process;
  Bounds bounds;
  int result;   // the file that it hands its graph over in: memory, but where
  bool spills;  // it writes to a disk
};

// What a file takes.
uint64_t FileBytes(int file);

// Waits until the twin has ended, and takes it from the kernel. Ends it itself at its deadline,
// where it takes more than its memory, where `cancelled` says so, and where its processor time
// stands still though nothing keeps it from working: then it waits for a lock whose owner is not
// there. Where even a killed one does not end, it is left to itself after five seconds. To be
// called on a thread that may wait. Allocates nothing.
Ending Watch(const Watched& twin, const std::atomic<bool>& cancelled) noexcept;

}  // namespace heapscope::twin
