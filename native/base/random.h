#pragma once

#include <cmath>
#include <cstdint>

namespace heapscope {

// SplitMix64 (Steele, Lea, Flood 2014): eight bytes of state, passes BigCrush.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // Uniform in (0, 1].
  double Unit() { return (static_cast<double>(Next() >> 11) + 1) * 0x1p-53; }

  // How many failures precede the first success of independent trials of this probability.
  double Skips(double probability) {
    if (probability >= 1) return 0;
    return std::floor(std::log(Unit()) / std::log1p(-probability));
  }

 private:
  uint64_t state_;
};

}  // namespace heapscope
