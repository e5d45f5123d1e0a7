#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "graph/error.h"

namespace heapscope::twin {

// What the kernel refused. What there is too little of just now is not what can never be had.
inline graph::Error Refusal(const std::string& what, int error) {
  const char* code = graph::kErrorUnsupported;
  if (error == EMFILE || error == ENFILE) code = graph::kErrorIo;
  if (error == EAGAIN || error == ENOMEM) code = graph::kErrorMemory;
  return {code, what + ": " + std::strerror(error)};
}

}  // namespace heapscope::twin
