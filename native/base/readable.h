#pragma once

#include <cstddef>
#include <cstdint>

namespace heapscope {

// Copies memory of this process that may not be there: false instead of a crash. Also false where
// the system does not do it. Costs a system call.
bool CopyIfReadable(uint64_t address, void* to, size_t bytes);

}  // namespace heapscope
