#pragma once

#include <cstddef>
#include <cstdint>

namespace heapscope {

// Copies memory of this process that may not be there: false instead of a crash. Also false for
// more than a pipe takes at once (512 bytes at least), and on Windows. Costs some system calls.
bool CopyIfReadable(uint64_t address, void* to, size_t bytes);

}  // namespace heapscope
