#pragma once

#include <napi.h>

#include <vector>

#include "v8_value.h"

namespace heapscope {

// A histogram for script, without its empty buckets: [unit bits, sub bits, min, max, sum, sum of
// squares, then bucket and count of each]. `lib/histogram.ts` reads it.
template <typename H>
Napi::Value HistogramValue(Napi::Env env, const H& histogram) {
  std::vector<double> values{H::kUnit,
                             H::kSub,
                             static_cast<double>(histogram.min()),
                             static_cast<double>(histogram.max()),
                             histogram.sum(),
                             histogram.sum_of_squares()};
  for (size_t i = 0; i < H::kBuckets; ++i) {
    if (const uint64_t count = histogram.bucket(i); count != 0) {
      values.push_back(static_cast<double>(i));
      values.push_back(static_cast<double>(count));
    }
  }
  return Float64s(env, values);
}

}  // namespace heapscope
