#include "base/readable.h"

#ifdef __linux__
#include <sys/uio.h>
#include <unistd.h>
#endif

namespace heapscope {

bool CopyIfReadable([[maybe_unused]] uint64_t address, [[maybe_unused]] void* to,
                    [[maybe_unused]] size_t bytes) {
#ifdef __linux__
  const iovec into{.iov_base = to, .iov_len = bytes};
  const iovec from{.iov_base = reinterpret_cast<void*>(address), .iov_len = bytes};
  return process_vm_readv(getpid(), &into, 1, &from, 1, 0) == static_cast<ssize_t>(bytes);
#else
  return false;
#endif
}

}  // namespace heapscope
