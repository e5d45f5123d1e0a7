#include "twin/spill.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "graph/error.h"

namespace heapscope::twin {

namespace {

// What is less is left alone: V8's own pages, too, whose contents it may tell the kernel to drop.
constexpr uintptr_t kLeast = 1 << 19;
// Bookkeeping may lie in what is moved: it is written between pieces only, never within one.
constexpr uintptr_t kPiece = 8 << 20;

// Anonymous memory of this process, by the kernel's cheapest list. Allocates nothing.
uint64_t AnonymousBytes() {
  char text[128] = {};
  const FileDescriptor file(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  if (!file || read(file.get(), text, sizeof(text) - 1) <= 0) return 0;
  char* at = text;
  std::strtoull(at, &at, 10);
  const uint64_t resident = std::strtoull(at, &at, 10);
  const uint64_t of_files = std::strtoull(at, &at, 10);
  return (resident - std::min(resident, of_files)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

constexpr uint64_t kMostRoom = uint64_t{64}
                               << 30;  // of addresses; pages are taken where written to
constexpr int kOwn = PROT_READ | PROT_WRITE;

}  // namespace

bool CanSpill() {
#ifdef __SANITIZE_ADDRESS__
  return true;  // its allocator clears what it hands out twice
#elif defined(__GLIBC__)
  // Not what a preloaded library has put in its place. By a function of which no program takes the
  // address, as many do of malloc's: that would be an address in the program.
  constexpr const char* kOfTheAllocator = "malloc_usable_size";
  void* const library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return false;
  const bool own = dlsym(library, kOfTheAllocator) == dlsym(RTLD_DEFAULT, kOfTheAllocator);
  dlclose(library);
  return own;
#else
  return false;
#endif
}

FileDescriptor NamelessFile(const std::string& directory) {
  FileDescriptor file(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file) {  // a file system that has no such files
    std::string path = directory + "/.heapscope-XXXXXX";
    file = FileDescriptor(mkostemp(path.data(), O_CLOEXEC));
    if (file) unlink(path.c_str());
  }
  if (!file) {
    throw graph::Error(graph::kErrorIo,
                       "no file can be made in " + directory + ": " + std::strerror(errno));
  }
  return file;
}

Spill::Spill(int file, const Bounds& bounds, Report& report)
    : file_(file),
      step_(std::clamp<uint64_t>(bounds.memory_bytes / 8, 8 << 20, 64 << 20)),
      report_(report) {
  struct statvfs disk;
  if (fstatvfs(file_, &disk) == 0) most_ = uint64_t{disk.f_bavail} * disk.f_frsize / 10 * 9;
  BoundMemory(0);
  GiveRoom();
  BoundMemory(bounds.memory_bytes);
  before_.Read(true);
  start_bytes_ = last_bytes_ = AnonymousBytes();
}

// Blocks that nothing was written to yet become pages of the file, and are then free. Not all of
// what V8 takes comes in steps: an array of a million elements is one.
void Spill::GiveRoom() {
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  constexpr size_t kBlock = size_t{256} << 20, kPage = 4096;
  // Large blocks with mappings of their own would be moved by mremap, which would move them about
  // in the file. And what was given back would leave holes there.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  const auto blocks = static_cast<size_t>(std::min(most_, kMostRoom) / kBlock);
  if (ftruncate(file_, static_cast<off_t>(blocks * kBlock)) != 0) return;
  std::vector<void*> held(blocks);
  for (void*& block : held) {
    block = std::malloc(kBlock);
    if (block == nullptr) break;
    const uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + kPage - 1) / kPage * kPage;
    if (mmap(reinterpret_cast<void*>(begin), kBlock - kPage, kOwn, MAP_SHARED | MAP_FIXED, file_,
             end_) == MAP_FAILED)
      break;
    end_ += kBlock - kPage;
  }
  for (void* const block : held) std::free(block);
#endif
}

void Spill::Step() {
  const uint64_t bytes = AnonymousBytes();
  if (bytes > start_bytes_) {
    report_.most_anonymous.store(std::max(report_.most_anonymous.load(), bytes - start_bytes_));
  }
  if (bytes > last_bytes_ + step_) All();
}

void Spill::All() {
  now_.Read(true);
  const auto& before = before_.mappings();
  size_t next = 0;
  for (const Mapping& mapping : now_.mappings()) {
    if (mapping.protection != kOwn) continue;
    while (next < before.size() && before[next].end <= mapping.begin) ++next;
    uintptr_t at = mapping.begin;
    for (size_t i = next; i < before.size() && before[i].begin < mapping.end; ++i) {
      if (before[i].protection == 0) continue;  // was kept free
      if (at < before[i].begin) Move({at, before[i].begin});
      at = std::max(at, before[i].end);
    }
    if (at < mapping.end) Move({at, mapping.end});
  }
  last_bytes_ = AnonymousBytes();
  struct stat file;
  if (fstat(file_, &file) != 0) return;
  const uint64_t spilled = static_cast<uint64_t>(file.st_blocks) * 512;
  report_.spilled_bytes.store(spilled);
  if (spilled <= most_) return;
  report_.Fail(graph::kErrorIo, "the twin may not fill more of the disk");
  _exit(1);
}

void Spill::Move(Range range) {
  if (range.size() < kLeast) return;
  while (range.begin < range.end) {
    const uintptr_t size = std::min(kPiece, range.size());
    void* const place = reinterpret_cast<void*>(range.begin);
    const off_t from = end_;
    uintptr_t done = 0;
    while (done < size) {
      // Without the C library's function, which a sanitizer watches: this is not about objects.
      const long put = syscall(SYS_pwrite64, file_, range.begin + done, size - done,
                               from + static_cast<off_t>(done));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) break;
      done += static_cast<uintptr_t>(put);
    }
    // Not by an exception: V8 is on the stack, which knows none.
    if (done < size || mmap(place, size, kOwn, MAP_SHARED | MAP_FIXED, file_, from) == MAP_FAILED) {
      report_.Fail(graph::kErrorIo, done < size
                                        ? "the twin could not spill its memory: the disk is "
                                          "full, or files may not become so long"
                                        : "the twin could not map the file that it spills to");
      _exit(1);
    }
    sync_file_range(file_, from, static_cast<off_t>(size), SYNC_FILE_RANGE_WRITE);
    end_ += static_cast<off_t>(size);
    range.begin += size;
  }
}

}  // namespace heapscope::twin
