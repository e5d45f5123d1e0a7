#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heapscope {

// Finds the numbers of things that live elsewhere by their hashes: open addressing with linear
// probing, for millions of entries that are only added, without a block of memory for each.
class FlatIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The entry of this hash that is_it(entry) accepts, or kNone.
  template <typename F>
  uint32_t Find(uint64_t hash, F&& is_it) const {
    if (slots_.empty()) return kNone;
    const uint32_t mark = MarkOf(hash);
    for (size_t at = mark & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.entry == kNone) return kNone;
      if (slot.mark == mark && is_it(slot.entry)) return slot.entry;
    }
  }

  // One that is not in it yet.
  void Add(uint64_t hash, uint32_t entry) {
    if (2 * (used_ + 1) > slots_.size()) Grow();
    ++used_;
    Place({.mark = MarkOf(hash), .entry = entry});
  }

 private:
  // What is kept of a hash: the table is rebuilt from it.
  struct Slot {
    uint32_t mark = 0;
    uint32_t entry = kNone;
  };
  static uint32_t MarkOf(uint64_t hash) { return static_cast<uint32_t>(hash); }
  size_t mask() const { return slots_.size() - 1; }

  void Place(Slot slot) {
    size_t at = slot.mark & mask();
    while (slots_[at].entry != kNone) at = (at + 1) & mask();
    slots_[at] = slot;
  }

  void Grow() {
    std::vector<Slot> old(slots_.empty() ? 1024 : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.entry != kNone) Place(slot);
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace heapscope
