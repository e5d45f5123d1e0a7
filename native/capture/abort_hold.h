#pragma once

#include <cstdint>

namespace heapscope::capture {

// While there is one, this thread's abort() waits before it ends the process, until the hold goes
// or until then by the steady clock. V8 gives up by it at once where one allocation, as of a table
// that doubles, does not fit. What another thread or another process aborts is not held up, and
// what was to be done at a SIGABRT before is done then. One holds at a time; a second has no
// effect.
class AbortHold {
 public:
  // On the thread whose abort is meant.
  explicit AbortHold(uint64_t until_ns) noexcept;
  // On any thread.
  ~AbortHold();
  AbortHold(const AbortHold&) = delete;

 private:
  const bool holds_;
};

}  // namespace heapscope::capture
