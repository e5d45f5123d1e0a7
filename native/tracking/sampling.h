#pragma once

#include <cstdint>

#include "base/random.h"
#include "phantom/slab.h"
#include "tracking/population.h"

namespace heapscope::tracking {

// Which share of a class's instances is followed: each one with the probability 2^-level. The level
// rises when the slots run out, and falls again once there has been room for a while.
class Sampling {
 public:
  explicit Sampling(uint64_t seed) : random_(seed) {}

  // At most `handles` followed, and at most one in 2^least_level. The level is left alone.
  void Configure(phantom::Slot handles, unsigned least_level) {
    handles_ = handles;
    least_level_ = least_level;
  }

  unsigned level() const { return level_; }
  unsigned least_level() const { return least_level_; }
  double probability() const { return Population::ProbabilityOf(level_); }
  // The most instances to follow.
  phantom::Slot slots() const { return SlotsAt(level_); }
  void SetLevel(unsigned level);

  // How many of the next instances are passed over before one is followed.
  double DrawSkip() {
    drawn_level_ = level_;
    return level_ == 0 ? 0 : random_.Skips(probability());
  }
  // With whose probability the instance after the skip was chosen.
  unsigned drawn_level() const { return drawn_level_; }
  // Whether an instance that has come so far stays at half the probability, so many times over.
  bool Wins(unsigned halvings) { return (random_.Next() & ((uint64_t{1} << halvings) - 1)) == 0; }

  // The next level at which the followed are likely to find room.
  unsigned ThinnerLevel(phantom::Slot followed) const;
  // After a collection, inside it, before which so many were estimated to live. Whether it was the
  // one to lower the level; the next draw is then made with the new probability.
  bool Relax(double population);

 private:
  phantom::Slot SlotsAt(unsigned level) const;
  // The lowest level at which so many would take half of the slots at most.
  unsigned RoomyLevel(double population) const;

  Random random_;
  phantom::Slot handles_ = 0;
  unsigned level_ = 0, least_level_ = 0, drawn_level_ = 0;
  double most_lived_ = 0;  // as estimated, at one of the calm collections
  int calm_collections_ = 0;
};

}  // namespace heapscope::tracking
