#pragma once

#include <v8-profiler.h>
#include <v8-version.h>

namespace heapscope::capture {

// V8 tells of each function in a snapshot on which line it begins. Before Node 22 it counts the
// line ends from the beginning of the script anew for each, unless somebody has asked for a line of
// that script before: with a bundle of some megabytes a snapshot takes a minute instead of a
// second. A profiler that is only made, and not started, asks for one of each compiled function.
inline void FindLineEnds([[maybe_unused]] v8::Isolate* isolate) {
#if V8_MAJOR_VERSION < 12
  v8::CpuProfiler::New(isolate, v8::kDebugNaming, v8::kEagerLogging)->Dispose();
#endif
}

}  // namespace heapscope::capture
