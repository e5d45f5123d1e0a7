#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <initializer_list>

#include "base/file_descriptor.h"
#include "twin/report.h"

namespace heapscope::twin {

struct Bounds {
  uint64_t deadline_ms = 0;   // from the fork on
  uint64_t memory_bytes = 0;  // that the twin may take beyond what it was forked with
};

// Signals are blocked in this thread until the end of the block, so that a twin that is forked in
// it gets none before it is ready.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// Where the files of a twin lead: opened before the fork, where it can be said that no descriptor
// is left. The second gives the twin one to open what it needs of /proc.
class Nowhere {
 public:
  Nowhere();
  int get() const { return nowhere_.get(); }
  void FreeOne() { spare_.Close(); }

 private:
  const FileDescriptor nowhere_;
  FileDescriptor spare_;
};

// Makes a process that was just forked one that cannot hurt the one it is a copy of: it ends with
// it, is the kernel's first victim, has none of its files, hears none of its signals, leaves no
// core, ends at its deadline, and gives up where it would take more memory than it may. `keep` are
// the descriptors that it goes on using. Where it cannot be made so, it tells in the report why,
// and ends.
void BecomeHarmless(pid_t parent, const Bounds& bounds, Report* report, Nowhere& nowhere,
                    std::initializer_list<int> keep);

// Sets a bound on what this process takes from now on beyond what it has; 0: the highest there is.
void BoundMemory(uint64_t bytes);

}  // namespace heapscope::twin
