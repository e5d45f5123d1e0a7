#pragma once

#include <napi.h>

#include <cmath>
#include <string>

#include "twin/watch.h"

namespace heapscope::bindings {

// What script asks of a twin: `NativeTwinPlan` of lib/graph/native-twin.ts and what adds to it.
class TwinPlan {
 public:
  explicit TwinPlan(const Napi::Value& plan) : plan_(plan.As<Napi::Object>()) {}

  double number(const char* name) const { return plan_.Get(name).As<Napi::Number>().DoubleValue(); }
  bool flag(const char* name) const { return plan_.Get(name).As<Napi::Boolean>().Value(); }
  std::string text(const char* name) const {
    return plan_.Get(name).As<Napi::String>().Utf8Value();
  }

  twin::Bounds bounds() const {
    // Up, or the last part of a millisecond would be no deadline at all.
    return {.deadline_ms = static_cast<uint64_t>(std::ceil(number("deadlineMs"))),
            .memory_bytes = static_cast<uint64_t>(number("memoryBytes"))};
  }

 private:
  const Napi::Object plan_;
};

}  // namespace heapscope::bindings
