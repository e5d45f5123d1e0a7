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
  off_t end_ = 0;  // of what the file is mapped for
  const uint64_t step_;
  Report& report_;
  MemoryMap before_;
  MemoryMap now_;
  uint64_t start_bytes_;
  uint64_t last_bytes_;
};

}  // namespace heapscope::twin
