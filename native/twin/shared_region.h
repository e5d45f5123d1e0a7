#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace heapscope::twin {

// Memory without a name that a process shares with those it forks from then on. Takes pages only
// where it is written to.
class SharedRegion {
 public:
  explicit SharedRegion(size_t size)
      : size_(size),
        data_(mmap(nullptr, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (data_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~SharedRegion() { munmap(data_, size_); }
  SharedRegion(const SharedRegion&) = delete;

  void* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  const size_t size_;
  void* const data_;
};

}  // namespace heapscope::twin
