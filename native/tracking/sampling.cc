#include "tracking/sampling.h"

#include <algorithm>

namespace heapscope::tracking {

using phantom::Slot;

namespace {
// Every handle lengthens every full collection, most where the followed lie far apart. Between a
// quarter of so many and all are followed, which makes the standard error 0.8 to 1.6 %.
constexpr Slot kMostSampled = 1 << 14;

// So many collections in a row must leave room before the class is sampled less: a class that makes
// and drops many objects between two collections would otherwise be thinned out again by the next.
constexpr int kCalmCollections = 4;
}  // namespace

void Sampling::SetLevel(unsigned level) {
  if (level == level_) return;
  level_ = level;
  most_lived_ = 0;
  calm_collections_ = 0;
}

Slot Sampling::SlotsAt(unsigned level) const {
  return level == 0 ? handles_ : std::min(handles_, kMostSampled);
}

unsigned Sampling::ThinnerLevel(Slot followed) const {
  unsigned level = level_ + 1;
  while (level + 1 < Population::kLevels && followed >> (level - level_) >= SlotsAt(level)) ++level;
  return level;
}

bool Sampling::Relax(double population) {
  // Where none is followed, so many may live all the same.
  const double unseen = 0.5 / probability();
  most_lived_ = std::max({most_lived_, population, unseen});
  const unsigned level = RoomyLevel(most_lived_);
  if (level < level_ && ++calm_collections_ < kCalmCollections) return false;
  const bool lowered = level < level_;
  SetLevel(level);
  most_lived_ = 0;
  calm_collections_ = 0;
  return lowered;
}

unsigned Sampling::RoomyLevel(double population) const {
  unsigned level = least_level_;
  while (level < level_ &&
         population * Population::ProbabilityOf(level) > std::max(SlotsAt(level) / 2, Slot{1})) {
    ++level;
  }
  return level;
}

}  // namespace heapscope::tracking
