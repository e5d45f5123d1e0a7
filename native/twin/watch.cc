#include "twin/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "base/file_descriptor.h"

namespace heapscope::twin {

namespace {

constexpr int kTickMs = 25;
// So many looks in a row without any work done: looks, not time, because a frozen container or a
// sleeping laptop stops both of us. A file system in user space lets one sleep as a lock does: who
// writes to files gets ten seconds.
constexpr int kStillTicks = 16;
constexpr int kStillTicksOfSpilling = 400;
constexpr uint64_t kMeasureNs = 250'000'000;
// Of the time, at most this share goes to measuring: the kernel walks the page tables for it.
constexpr uint64_t kShareOfMeasuring = 20;
// A process that waits for a disk that does not answer hears no signal, not even the last.
constexpr uint64_t kDeathNs = 5'000'000'000;

uint64_t ProcessorNs(pid_t process) {
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// A file of a process in /proc, to be read again and again: from the first moment on, so that a
// want of descriptors later makes nobody blind.
class ProcFile {
 public:
  ProcFile(pid_t process, const char* name) {
    char path[64];
    std::snprintf(path, sizeof(path), "/proc/%d/%s", static_cast<int>(process), name);
    file_ = FileDescriptor(open(path, O_RDONLY | O_CLOEXEC));
  }

  // Empty where it cannot be read. Until the next call.
  const char* Read() {
    const ssize_t got = file_ ? pread(file_.get(), text_, sizeof(text_) - 1, 0) : 0;
    text_[std::max<ssize_t>(got, 0)] = '\0';
    return text_;
  }

 private:
  FileDescriptor file_;
  char text_[4096];
};

// Asleep or stopped; not: ready to run, or waiting for a disk.
bool SleepsOrStopped(const char* stat) {
  const char* const name_end = std::strrchr(stat, ')');
  if (name_end == nullptr || name_end[1] == '\0' || name_end[2] == '\0') return false;
  return std::strchr("STt", name_end[2]) != nullptr;
}

// Bytes of "Name:  123 kB"; false where there is no such line.
bool FindBytes(const char* text, const char* name, uint64_t& bytes) {
  const char* const at = std::strstr(text, name);
  if (at != nullptr) bytes = std::strtoull(at + std::strlen(name), nullptr, 10) * 1024;
  return at != nullptr;
}

// The anonymous memory that only the twin has. A page that it shares with the service counts half
// in Pss and whole in Anonymous, one of its own whole in both.
uint64_t OwnBytes(const char* rollup) {
  uint64_t shared_by_half = 0, anonymous = 0, own = 0;
  if (FindBytes(rollup, "\nPss_Anon:", shared_by_half)) {
    FindBytes(rollup, "\nAnonymous:", anonymous);
    return 2 * shared_by_half > anonymous ? 2 * shared_by_half - anonymous : 0;
  }
  FindBytes(rollup, "\nPrivate_Dirty:", own);  // before Linux 5.3
  return own;
}

// The process by a handle where the kernel has them: a number may be another's once it is free.
class Process {
 public:
  explicit Process(pid_t id) : id_(id), handle_(static_cast<int>(syscall(SYS_pidfd_open, id, 0))) {}

  void Kill() const {
    if (handle_ && syscall(SYS_pidfd_send_signal, handle_.get(), SIGKILL, nullptr, 0) == 0) return;
    kill(id_, SIGKILL);  // not another's: nobody but us takes it from the kernel
  }

  // True once it ended.
  bool Wait(int ms, Ending& ending) const {
    pollfd ended{handle_.get(), POLLIN, 0};
    const bool told = poll(&ended, handle_ ? 1 : 0, ms) > 0;
    int status = 0;
    const pid_t taken = waitpid(id_, &status, WNOHANG);
    if (taken == 0 || (taken < 0 && errno == EINTR)) {
      if (told) poll(nullptr, 0, ms);  // dead, but a debugger has it first
      return false;
    }
    if (taken == id_) {  // else it was taken by somebody who waits for every child
      ending.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      ending.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    }
    return true;
  }

 private:
  const pid_t id_;
  const FileDescriptor handle_;
};

// Takes it from the kernel whenever it ends. By a thread that nobody joins: this library stays
// mapped.
void TakeLater(pid_t process) {
  pthread_attr_t detached;
  if (pthread_attr_init(&detached) != 0) return;
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  const auto wait = [](void* argument) -> void* {
    const auto id = static_cast<pid_t>(reinterpret_cast<intptr_t>(argument));
    while (waitpid(id, nullptr, 0) < 0 && errno == EINTR) {
    }
    return nullptr;
  };
  pthread_t thread;
  pthread_create(&thread, &detached, wait, reinterpret_cast<void*>(static_cast<intptr_t>(process)));
  pthread_attr_destroy(&detached);
}

}  // namespace

uint64_t FileBytes(int file) {
  struct stat status;
  return fstat(file, &status) == 0 ? static_cast<uint64_t>(status.st_blocks) * 512 : 0;
}

Ending Watch(const Watched& twin, const std::atomic<bool>& cancelled) noexcept {
  const Process process(twin.process);
  ProcFile stat(twin.process, "stat");
  ProcFile rollup(twin.process, "smaps_rollup");
  const uint64_t start = MonotonicNs();
  Ending ending;
  uint64_t worked_ns = 0;
  int still = 0;
  uint64_t killed_ns = 0;
  uint64_t measure_ns = start + kMeasureNs;
  const auto end = [&](Ending::Cause cause) {
    if (killed_ns != 0) return;
    killed_ns = MonotonicNs();
    ending.cause = cause;
    process.Kill();
  };
  while (!process.Wait(kTickMs, ending)) {
    const uint64_t now = MonotonicNs();
    if (killed_ns != 0) {
      if (now - killed_ns < kDeathNs) continue;
      ending.undead = true;
      TakeLater(twin.process);
      break;
    }
    if (cancelled.load(std::memory_order_relaxed)) end(Ending::kCancelled);
    const Bounds& bounds = twin.bounds;
    if (bounds.deadline_ms != 0 && now - start > bounds.deadline_ms * 1'000'000) {
      end(Ending::kDeadline);
    }
    const uint64_t now_ns = ProcessorNs(twin.process);
    still = now_ns == worked_ns && SleepsOrStopped(stat.Read()) ? still + 1 : 0;
    worked_ns = now_ns;
    if (still >= (twin.spills ? kStillTicksOfSpilling : kStillTicks)) end(Ending::kHung);
    if (now < measure_ns) continue;
    const uint64_t own = OwnBytes(rollup.Read()) + (twin.spills ? 0 : FileBytes(twin.result));
    const uint64_t measured = MonotonicNs();
    measure_ns = measured + std::max(kMeasureNs, kShareOfMeasuring * (measured - now));
    ending.peak_bytes = std::max(ending.peak_bytes, own);
    if (bounds.memory_bytes != 0 && own > bounds.memory_bytes) end(Ending::kMemory);
  }
  return ending;
}

}  // namespace heapscope::twin
