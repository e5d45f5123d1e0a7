#include "base/process_facts.h"

#ifdef __linux__
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>
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

uint64_t OsThreadId() {
#ifdef __linux__
  return static_cast<uint64_t>(syscall(SYS_gettid));
#else
  return 0;
#endif
}

}  // namespace heapscope
