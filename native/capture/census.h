#pragma once

#include <napi.h>
#include <v8.h>

#include <string>
#include <utility>
#include <vector>

namespace heapscope::capture {

// Live objects by the name of their constructor, most first. V8 marks the heap for it and shows
// each object once; none is kept.
std::vector<std::pair<std::string, uint64_t>> TakeCensus(Napi::Env env, v8::Isolate* isolate);

}  // namespace heapscope::capture
