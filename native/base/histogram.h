#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/relaxed.h"

namespace heapscope {

// Fixed memory, one writer, readable from any thread: HdrHistogram's layout. A value is counted in
// units of 2^kUnitBits; below 2^(kSubBits + 1) units every unit has its bucket, above that every
// power of two is cut into 2^kSubBits buckets, so a bucket's middle is at most 2^-(kSubBits + 1)
// away from any value in it. `lib/histogram.ts` holds the inverse.
template <unsigned kUnitBits, unsigned kSubBits, unsigned kValueBits>
class Histogram {
 public:
  static constexpr unsigned kUnit = kUnitBits;
  static constexpr unsigned kSub = kSubBits;
  static constexpr size_t kBuckets = size_t{kValueBits - kUnitBits - kSubBits + 1} << kSubBits;

  static constexpr size_t BucketOf(uint64_t value) {
    const uint64_t units = value >> kUnitBits;
    const unsigned width = static_cast<unsigned>(std::bit_width(units));
    const unsigned shift = width > kSubBits + 1 ? width - (kSubBits + 1) : 0;
    const size_t bucket = (size_t{shift} << kSubBits) + static_cast<size_t>(units >> shift);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

  void Record(uint64_t value, uint64_t weight = 1) {
    if (count_.Get() == 0 || value < min_.Get()) min_.Set(value);
    if (value > max_.Get()) max_.Set(value);
    count_.Add(weight);
    const double amount = static_cast<double>(value);
    sum_.Add(amount * static_cast<double>(weight));
    sum_of_squares_.Add(amount * amount * static_cast<double>(weight));
    buckets_[BucketOf(value)].Add(weight);
  }

  uint64_t count() const { return count_.Get(); }
  uint64_t min() const { return min_.Get(); }
  uint64_t max() const { return max_.Get(); }
  double sum() const { return sum_.Get(); }
  double sum_of_squares() const { return sum_of_squares_.Get(); }
  uint64_t bucket(size_t index) const { return buckets_[index].Get(); }

 private:
  Relaxed<uint64_t> count_, min_, max_;
  Relaxed<double> sum_, sum_of_squares_;
  Relaxed<uint64_t> buckets_[kBuckets];
};

// Pauses in nanoseconds: buckets of 8 ns up to 1 µs, then 64 to each power of two up to 68 s.
// At most 0.8 % away everywhere from 1 µs on; 14 KB.
using PauseHistogram = Histogram<3, 6, 36>;

// Lifetimes in milliseconds, up to 34 years; at most 1.6 % away; 9 KB, of which there is one a
// class.
using LifetimeHistogram = Histogram<0, 5, 40>;

}  // namespace heapscope
