#include "capture/abort_hold.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/clock.h"

namespace heapscope::capture {

namespace {

// What the handler uses, which may do little: lock-free atomics and calls to the kernel.
std::atomic<bool> holding{false};
std::atomic<uint64_t> hold_until_ns{0};
std::atomic<long> held_thread{0};
struct sigaction before;

void OnAbort(int, siginfo_t* info, void*);

// Unless somebody else took the signal over meanwhile: then it is theirs.
void Restore() {
  struct sigaction now;
  if (sigaction(SIGABRT, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) != 0 &&
      now.sa_sigaction == OnAbort) {
    sigaction(SIGABRT, &before, nullptr);
  }
}

// A signal that a process sends itself to a thread: as abort() does, and no other process can.
bool IsOwnAbort(const siginfo_t& info) {
  return info.si_code == SI_TKILL && info.si_pid == getpid() &&
         syscall(SYS_gettid) == held_thread.load();
}

void OnAbort(int, siginfo_t* info, void*) {
  const int error = errno;
  if (IsOwnAbort(*info)) {
    const timespec moment{0, 5'000'000};
    while (holding.load() && MonotonicNs() < hold_until_ns.load()) nanosleep(&moment, nullptr);
  }
  Restore();
  raise(SIGABRT);  // blocked until this returns: then what was to be done before is done
  errno = error;
}

}  // namespace

AbortHold::AbortHold(uint64_t until_ns) noexcept : holds_(!holding.exchange(true)) {
  if (!holds_) return;
  held_thread.store(syscall(SYS_gettid));
  hold_until_ns.store(until_ns);
  sigaction(SIGABRT, nullptr, &before);  // before ours is there, which uses it
  struct sigaction ours = {};
  ours.sa_sigaction = OnAbort;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGABRT, &ours, nullptr);
}

AbortHold::~AbortHold() {
  if (!holds_) return;
  Restore();
  holding.store(false);
}

}  // namespace heapscope::capture
