#include "base/readable.h"

#ifndef _WIN32
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#endif

namespace heapscope {

#ifdef _WIN32

bool CopyIfReadable(uint64_t, void*, size_t) { return false; }

#else

namespace {

// Which no child process inherits.
bool OpenPipe(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC) == 0;
#else
  if (pipe(ends) != 0) return false;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return true;
#endif
}

}  // namespace

// Through a pipe: the system looks at what it is to write, and every program may use one.
bool CopyIfReadable(uint64_t address, void* to, size_t bytes) {
  int ends[2];
  if (bytes > PIPE_BUF || !OpenPipe(ends)) return false;
  const auto wanted = static_cast<ssize_t>(bytes);
  const bool copied = write(ends[1], reinterpret_cast<const void*>(address), bytes) == wanted &&
                      read(ends[0], to, bytes) == wanted;
  close(ends[0]);
  close(ends[1]);
  return copied;
}

#endif

}  // namespace heapscope
