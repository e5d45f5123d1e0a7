#pragma once

#include <cstdint>
#include <string>

#include "base/file_descriptor.h"
#include "twin/harmless.h"
#include "twin/memory_map.h"
#include "twin/report.h"

namespace heapscope::twin {

// A file without a name: it holds what a heap holds, and is gone with the last who has it open.
// Throws where the directory cannot have one.
FileDescriptor NamelessFile(const std::string& directory);

// Whether memory may be moved into a file under the allocator's feet: where malloc is that of the
// GNU C library, which asks the kernel for no zeros. Others drop pages (MADV_DONTNEED) and count on
// reading zeros from them, where a page of a file gives what was in it.
bool CanSpill();

// Keeps a twin small while V8 makes its snapshot: the allocator is given room in a file. So memory
// that counts becomes a cache that the kernel may evict. What it took elsewhere (a worker has an
// arena of its own) is copied there step by step. For the twin alone, whose only thread is here and
// not inside the allocator.
class Spill {
 public:
  // Spills whenever so many bytes of anonymous memory came up.
  Spill(int file, const Bounds& bounds, Report& report);

  void Step();
  void All();

 private:
  void GiveRoom();
  void Move(Range range);

  const int file_;
  uint64_t most_ = 0;  // bytes of the file: nine tenths of what was free, the rest is the service's
  off_t end_ = 0;      // of what the file is mapped for
  const uint64_t step_;
  Report& report_;
  MemoryMap before_;
  MemoryMap now_;
  uint64_t start_bytes_;
  uint64_t last_bytes_;
};

}  // namespace heapscope::twin
