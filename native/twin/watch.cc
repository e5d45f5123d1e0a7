#include "twin/watch.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/clock.h"
#include "base/file_descriptor.h"

namespace heapscope::twin {

namespace {

constexpr int kTickMs = 25;
// So many looks in a row without any work done: looks, not time, because a frozen container or a
// sleeping laptop stops both of us.
constexpr int kStillTicks = 16;
constexpr int kTicksPerMeasure = 10;

uint64_t ProcessorNs(pid_t process) {
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

std::string ReadProc(pid_t process, const char* file) {
  const std::string path = "/proc/" + std::to_string(process) + "/" + file;
  std::string text;
  if (std::FILE* stream = std::fopen(path.c_str(), "re")) {
    char piece[4096];
    while (const size_t got = std::fread(piece, 1, sizeof(piece), stream)) text.append(piece, got);
    std::fclose(stream);
  }
  return text;
}

// Asleep or stopped; not: ready to run, or waiting for a disk.
bool SleepsOrStopped(pid_t process) {
  const std::string stat = ReadProc(process, "stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return false;
  return std::strchr("STt", stat[name_end + 2]) != nullptr;
}

uint64_t KilobytesOf(const std::string& text, const char* name) {
  const size_t at = text.find(name);
  if (at == std::string::npos) return 0;
  return std::strtoull(text.c_str() + at + std::strlen(name), nullptr, 10);
}

// The anonymous memory that only the twin has. A page that it shares with the service counts half
// in Pss and whole in Anonymous, one of its own whole in both.
uint64_t OwnBytes(pid_t process) {
  const std::string rollup = ReadProc(process, "smaps_rollup");
  const uint64_t shared_by_half = KilobytesOf(rollup, "Pss_Anon:");
  const uint64_t anonymous = KilobytesOf(rollup, "Anonymous:");
  return 2 * shared_by_half > anonymous ? (2 * shared_by_half - anonymous) * 1024 : 0;
}

// The process by a handle where the kernel has them: a number may be another's once it is free.
class Process {
 public:
  explicit Process(pid_t id) : id_(id), handle_(static_cast<int>(syscall(SYS_pidfd_open, id, 0))) {}

  void Kill() const {
    if (handle_) {
      syscall(SYS_pidfd_send_signal, handle_.get(), SIGKILL, nullptr, 0);
    } else {
      kill(id_, SIGKILL);
    }
  }

  // True once it ended.
  bool Wait(int ms, Ending& ending) const {
    pollfd ended{handle_.get(), POLLIN, 0};
    poll(&ended, handle_ ? 1 : 0, ms);
    int status = 0;
    const pid_t taken = waitpid(id_, &status, WNOHANG);
    if (taken == 0 || (taken < 0 && errno == EINTR)) return false;
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

}  // namespace

Ending Watch(pid_t twin, const Bounds& bounds, const std::atomic<bool>& cancelled) {
  const Process process(twin);
  const uint64_t start = MonotonicNs();
  Ending ending;
  uint64_t worked_ns = 0;
  int still = 0;
  bool ending_it = false;
  const auto end = [&](Ending::Cause cause) {
    if (ending_it) return;
    ending_it = true;
    ending.cause = cause;
    process.Kill();
  };
  for (int tick = 1; !process.Wait(kTickMs, ending); ++tick) {
    if (cancelled.load(std::memory_order_relaxed)) end(Ending::kCancelled);
    if (bounds.deadline_ms != 0 && MonotonicNs() - start > bounds.deadline_ms * 1'000'000) {
      end(Ending::kDeadline);
    }
    const uint64_t now_ns = ProcessorNs(twin);
    still = now_ns == worked_ns && SleepsOrStopped(twin) ? still + 1 : 0;
    worked_ns = now_ns;
    if (still >= kStillTicks) end(Ending::kHung);
    if (tick % kTicksPerMeasure != 0) continue;
    const uint64_t own = OwnBytes(twin);
    ending.peak_bytes = std::max(ending.peak_bytes, own);
    if (bounds.memory_bytes != 0 && own > bounds.memory_bytes) end(Ending::kMemory);
  }
  return ending;
}

}  // namespace heapscope::twin
