#pragma once

#include <cmath>
#include <cstdint>

namespace heapscope::tracking {

// Estimates a population from the members that are followed, each kept with the known probability
// 2^-level (Horvitz and Thompson 1952). Levels rise when slots run out and fall again when there is
// room, so members of several levels live side by side.
class Population {
 public:
  static constexpr unsigned kLevels = 40;

  static double ProbabilityOf(unsigned level) { return std::ldexp(1, -static_cast<int>(level)); }

  void Add(unsigned level) { ++followed_[level]; }
  void Remove(unsigned level) { --followed_[level]; }
  // Members of this level were passed over: what is not followed may live, unseen, from now on.
  void MarkSampled(unsigned level) { sampled_[level] = level > 0; }
  // Everything below `level` was thinned out to it.
  void Raise(unsigned level) {
    for (unsigned lower = 0; lower < level; ++lower) sampled_[lower] = false;
    MarkSampled(level);
  }

  double Estimate() const {
    double sum = 0;
    for (unsigned level = 0; level < kLevels; ++level)
      sum += static_cast<double>(followed_[level]) / ProbabilityOf(level);
    return sum;
  }

  // Standard error of the estimate: with k members followed with probability p the true number has
  // variance (k + 1)(1 - p)/p² (negative binomial, uniform prior). It is 0 only where nothing was
  // ever passed over: "none of the sample lives" does not say that none lives.
  double StandardError() const {
    double variance = 0;
    for (unsigned level = 0; level < kLevels; ++level) {
      if (followed_[level] == 0 && !sampled_[level]) continue;
      const double p = ProbabilityOf(level);
      variance += (static_cast<double>(followed_[level]) + 1) * (1 - p) / (p * p);
    }
    return std::sqrt(variance);
  }

 private:
  uint64_t followed_[kLevels] = {};
  bool sampled_[kLevels] = {};
};

}  // namespace heapscope::tracking
