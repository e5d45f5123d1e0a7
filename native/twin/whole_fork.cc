#include "twin/whole_fork.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "graph/error.h"
#include "twin/refusal.h"

namespace heapscope::twin {

WholeFork::WholeFork(CopyPlan plan) : plan_(std::move(plan)), carried_(plan_.late.size()) {
  if (plan_.late_bytes > 0) {
    late_ = FileDescriptor(memfd_create("heapscope", MFD_CLOEXEC));
    if (!late_) throw Refusal("a twin needs a file in memory", errno);
    off_t at = 0;
    for (size_t i = 0; i < plan_.late.size(); ++i) {
      const Mapping& late = plan_.late[i];
      if ((late.protection & PROT_READ) == 0) continue;
      // By the kernel, which fails where a plain copy would crash: another thread may be unmapping.
      // Without the C library's function, which a sanitizer watches: this is not about objects.
      lseek(late_.get(), at, SEEK_SET);
      size_t done = 0;
      while (done < late.size()) {
        const long put = syscall(SYS_write, late_.get(), late.begin + done, late.size() - done);
        if (put <= 0) break;
        done += static_cast<size_t>(put);
      }
      carried_[i] = done == late.size();
      at += static_cast<off_t>(late.size());
    }
  }
  Advise(MADV_DOFORK);
}

WholeFork::~WholeFork() { Advise(MADV_DONTFORK); }

// What was unmapped meanwhile cannot be advised, and need not be.
void WholeFork::Advise(int advice) const {
  for (const Range& range : plan_.left_out) {
    madvise(reinterpret_cast<void*>(range.begin), range.size(), advice);
  }
}

void WholeFork::Complete() const {
  off_t at = 0;
  for (size_t i = 0; i < plan_.late.size(); ++i) {
    const Mapping& late = plan_.late[i];
    const bool readable = (late.protection & PROT_READ) != 0;
    const off_t from = at;
    if (readable) at += static_cast<off_t>(late.size());
    void* const place = reinterpret_cast<void*>(late.begin);
    if (msync(place, late.size(), MS_ASYNC) == 0) continue;  // it is there: a fork copies it
    if (mmap(place, late.size(), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED) {
      throw graph::Error(graph::kErrorMemory, "the twin could not map what it was to hold");
    }
    if (readable && carried_[i]) {
      for (size_t done = 0; done < late.size();) {
        const ssize_t got = pread(late_.get(), static_cast<char*>(place) + done, late.size() - done,
                                  from + static_cast<off_t>(done));
        if (got <= 0) throw graph::Error(graph::kErrorIo, "the twin could not read its memory");
        done += static_cast<size_t>(got);
      }
    }
    mprotect(place, late.size(), late.protection);
  }
}

}  // namespace heapscope::twin
