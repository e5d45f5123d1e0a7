#include "base/pages.h"

#include <cstdlib>

// Not under a sanitizer, which watches what malloc gave.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAPSCOPE_ASAN 1
#endif
#endif
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(HEAPSCOPE_ASAN)
#define HEAPSCOPE_MAPS_PAGES 1
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#endif

namespace heapscope::pages {

#ifdef HEAPSCOPE_MAPS_PAGES

namespace {

// Large arrays that are read in any order: with small pages most of the time goes into finding
// them, and into their first touch.
void PreferHugePages(void* block, size_t bytes) {
  constexpr size_t kWorthIt = size_t{32} << 20;
  if (bytes >= kWorthIt) madvise(block, bytes, MADV_HUGEPAGE);
}

}  // namespace

void* Allocate(size_t bytes) {
  void* const block =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return nullptr;
  PreferHugePages(block, bytes);
  return block;
}

void* Resize(void* block, size_t bytes, size_t wanted) {
  void* moved = mremap(block, bytes, wanted, MREMAP_MAYMOVE);
  if (moved != MAP_FAILED) {
    PreferHugePages(moved, wanted);
    return moved;
  }
  if (errno != EFAULT) return nullptr;
  // Whoever advises the kernel of a part splits the mapping, and such a one is not moved.
  moved = Allocate(wanted);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(bytes, wanted));
  Free(block, bytes);
  return moved;
}

void Free(void* block, size_t bytes) { munmap(block, bytes); }

#else

void* Allocate(size_t bytes) { return std::calloc(1, bytes); }
void* Resize(void* block, size_t, size_t wanted) { return std::realloc(block, wanted); }
void Free(void* block, size_t) { std::free(block); }

#endif

}  // namespace heapscope::pages
