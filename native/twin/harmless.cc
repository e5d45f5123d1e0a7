#include "twin/harmless.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "twin/refusal.h"

namespace heapscope::twin {

namespace {

Report* report_of_twin = nullptr;  // for the signal handler; set in the twin alone

void EndWithParent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it ended before we could ask
}

void BeFirstVictim() {
  const FileDescriptor file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file && write(file.get(), "1000", 4) == 4) return;
  throw Refusal("a twin must be the kernel's first victim, by /proc/self/oom_score_adj", errno);
}

// What a program that gives up ends itself by: the C++ library by abort(), V8 by an instruction
// that traps. Most often it is for want of memory: then a part of the bound cannot be had now
// either. As tables double, what is left may be large.
constexpr std::initializer_list<int> kGivingUp = {SIGABRT, SIGTRAP, SIGILL};
constexpr size_t kLeastLeft = 16 << 20;
size_t wanted_left = kLeastLeft;

void OnGivingUp(int signal_number) {
  void* const room =
      mmap(nullptr, wanted_left, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (report_of_twin->state.load() == Report::kRunning && room == MAP_FAILED) {
    report_of_twin->Fail(graph::kErrorMemory, "the twin gave up near the bound of its memory");
    _exit(1);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

// A page of a file that the twin spills to could not be had.
void OnBusError(int) {
  report_of_twin->Fail(graph::kErrorIo, "the twin could not spill its memory: the disk is full");
  _exit(1);
}

void DropSignalHandlers() {
  for (int signal_number = 1; signal_number < NSIG; ++signal_number) {
    signal(signal_number, SIG_DFL);
  }
  // What is meant for the service: the twin ends when that does.
  for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU,
                            SIGUSR1, SIGUSR2, SIGXFSZ}) {
    signal(ignored, SIG_IGN);
  }
  for (const int giving_up : kGivingUp) signal(giving_up, OnGivingUp);
  signal(SIGBUS, OnBusError);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void LeaveNoCore() {
  // 1, not 0: with that the kernel starts no program for it either.
  const rlimit limit{1, 1};
  setrlimit(RLIMIT_CORE, &limit);
}

void EndAtDeadline(uint64_t deadline_ms) {
  if (deadline_ms == 0) return;
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(deadline_ms / 1000);
  timer.it_value.tv_usec = static_cast<suseconds_t>(deadline_ms % 1000 * 1000);
  setitimer(ITIMER_REAL, &timer, nullptr);  // its signal ends the process
}

// Bytes of "Name: 123 kB" in /proc/self/status.
uint64_t StatusBytes(const char* name) {
  std::FILE* file = std::fopen("/proc/self/status", "re");
  if (file == nullptr) return 0;
  unsigned long long kilobytes = 0;
  char line[256];
  const size_t length = std::strlen(name);
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    if (std::strncmp(line, name, length) == 0 && line[length] == ':') {
      kilobytes = std::strtoull(line + length + 1, nullptr, 10);
    }
  }
  std::fclose(file);
  return kilobytes * 1024;
}

// Every descriptor but those to keep leads nowhere from now on. They are not just closed: libuv
// ends a process that cannot wake its loop, and a number that is free would be given to another
// file.
void DropFiles(int nowhere, std::initializer_list<int> keep) {
  std::vector<int> open_ones;
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) throw Refusal("a twin needs to read /proc/self/fd", errno);
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') open_ones.push_back(std::atoi(entry->d_name));
  }
  const int own = dirfd(directory);
  for (const int fd : open_ones) {
    if (fd == nowhere || fd == own || std::find(keep.begin(), keep.end(), fd) != keep.end()) {
      continue;
    }
    dup3(nowhere, fd, O_CLOEXEC);
  }
  closedir(directory);
}

}  // namespace

void BoundMemory(uint64_t bytes) {
  rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
  limit.rlim_cur =
      bytes == 0 ? limit.rlim_max : std::min(limit.rlim_max, StatusBytes("VmData") + bytes);
  setrlimit(RLIMIT_DATA, &limit);
}

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

Nowhere::Nowhere()
    : nowhere_(open("/dev/null", O_RDWR | O_CLOEXEC)),
      spare_(nowhere_ ? fcntl(nowhere_.get(), F_DUPFD_CLOEXEC, 0) : -1) {
  if (!spare_) throw Refusal("a twin needs /dev/null twice", errno);
}

void BecomeHarmless(pid_t parent, const Bounds& bounds, Report* report, Nowhere& nowhere,
                    std::initializer_list<int> keep) {
  report_of_twin = report;
  EndWithParent(parent);
  LeaveNoCore();
  EndAtDeadline(bounds.deadline_ms);
  DropSignalHandlers();
  nowhere.FreeOne();
  DropFiles(nowhere.get(), keep);
  BeFirstVictim();
  if (bounds.memory_bytes != 0) BoundMemory(bounds.memory_bytes);
  wanted_left = std::max<size_t>(kLeastLeft, bounds.memory_bytes / 4);
  // The service goes first where both want the processor.
  setpriority(PRIO_PROCESS, 0, std::min(19, getpriority(PRIO_PROCESS, 0) + 5));
  prctl(PR_SET_NAME, "heapscope-twin");
}

}  // namespace heapscope::twin
