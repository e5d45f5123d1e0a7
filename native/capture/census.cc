#include "capture/census.h"

#include <v8-profiler.h>

#include <algorithm>
#include <unordered_map>

#include "v8_value.h"

namespace heapscope::capture {

namespace {

// Counts what it is shown and wants none of it.
class Counter : public v8::QueryObjectPredicate {
 public:
  Counter(napi_env env, v8::Isolate* isolate) : env_(env), isolate_(isolate) {}

  bool Filter(v8::Local<v8::Object> object) override {
    const v8::HandleScope scope(isolate_);
    char name[256];
    size_t length = 0;
    if (napi_get_value_string_utf8(env_, FromV8(object->GetConstructorName()), name, sizeof(name),
                                   &length) == napi_ok) {
      ++counts_[std::string(name, length)];
    }
    return false;
  }

  const std::unordered_map<std::string, uint64_t>& counts() const { return counts_; }

 private:
  const napi_env env_;
  v8::Isolate* const isolate_;
  std::unordered_map<std::string, uint64_t> counts_;
};

}  // namespace

std::vector<std::pair<std::string, uint64_t>> TakeCensus(Napi::Env env, v8::Isolate* isolate) {
  const v8::HandleScope scope(isolate);
  Counter counter(env, isolate);
  std::vector<v8::Global<v8::Object>> none;
  isolate->GetHeapProfiler()->QueryObjects(isolate->GetCurrentContext(), &counter, &none);
  std::vector<std::pair<std::string, uint64_t>> rows(counter.counts().begin(),
                                                     counter.counts().end());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return rows;
}

}  // namespace heapscope::capture
