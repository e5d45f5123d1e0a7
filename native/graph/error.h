#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace heapscope::graph {

inline constexpr char kErrorIo[] = "ERR_HEAPSCOPE_IO";
inline constexpr char kErrorSnapshot[] = "ERR_HEAPSCOPE_SNAPSHOT_INVALID";
inline constexpr char kErrorTruncated[] = "ERR_HEAPSCOPE_SNAPSHOT_TRUNCATED";
inline constexpr char kErrorVersion[] = "ERR_HEAPSCOPE_GRAPH_VERSION";
inline constexpr char kErrorGraph[] = "ERR_HEAPSCOPE_GRAPH_INVALID";
inline constexpr char kErrorAborted[] = "ERR_HEAPSCOPE_ABORTED";
inline constexpr char kErrorMemory[] = "ERR_HEAPSCOPE_MEMORY";
inline constexpr char kErrorRange[] = "ERR_HEAPSCOPE_OUT_OF_RANGE";
inline constexpr char kErrorUnsupported[] = "ERR_HEAPSCOPE_UNSUPPORTED";
inline constexpr char kErrorBusy[] = "ERR_HEAPSCOPE_BUSY";
inline constexpr char kErrorTwin[] = "ERR_HEAPSCOPE_TWIN";
inline constexpr char kErrorReleased[] = "ERR_HEAPSCOPE_RELEASED";

// What script gets as a HeapscopeError: a stable code, a sentence, and the byte of the file where
// it was noticed, if there is one.
class Error : public std::runtime_error {
 public:
  static constexpr int64_t kNoOffset = -1;

  Error(const char* code, const std::string& message, int64_t offset = kNoOffset)
      : std::runtime_error(message), code_(code), offset_(offset) {}

  const char* code() const { return code_; }
  int64_t offset() const { return offset_; }

 private:
  const char* code_;
  int64_t offset_;
};

}  // namespace heapscope::graph
