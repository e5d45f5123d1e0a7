#include "base/process_facts.h"

#ifdef __linux__
#include <fcntl.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#else
#include <uv.h>
#endif

namespace heapscope {

std::optional<MallocFacts> ReadMallocFacts() {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 info = mallinfo2();
  return MallocFacts{info.uordblks, info.fordblks, info.hblkhd};
#else
  return std::nullopt;
#endif
}

uint64_t ResidentBytes() {
#ifdef __linux__
  // Not uv_resident_set_memory, which parses all of /proc/self/stat.
  char text[128] = {};
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  unsigned long long pages = 0;
  if (length <= 0 || std::sscanf(text, "%*u %llu", &pages) != 1) return 0;
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
#else
  size_t bytes = 0;
  return uv_resident_set_memory(&bytes) == 0 ? bytes : 0;
#endif
}

uint64_t OsThreadId() {
#ifdef __linux__
  return static_cast<uint64_t>(syscall(SYS_gettid));
#else
  return 0;
#endif
}

}  // namespace heapscope
