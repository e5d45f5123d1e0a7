#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace heapscope::phantom {

using Slot = uint32_t;

// Entries with phantom handles by slot, at most `capacity` of them, in chunks that never move: V8
// keeps a handle's address. An entry has a bit `used` and a `next_free`, which may share its memory
// with what is of use only while it is used.
template <typename Entry, unsigned kChunkBits = 8>
class Slab {
 public:
  static constexpr Slot kNone = UINT32_MAX;

  explicit Slab(Slot capacity) : capacity_(capacity) {}

  Slot capacity() const { return capacity_; }
  void set_capacity(Slot capacity) { capacity_ = capacity; }
  // Slots that have memory, used or free.
  Slot size() const { return static_cast<Slot>(chunks_.size()) << kChunkBits; }
  Slot used() const { return used_; }

  Entry& operator[](Slot slot) { return ChunkOf(slot).entries[slot & kChunkMask]; }

  // Asks for a slot's memory before it is needed. Of hundreds of thousands of slots between two
  // collections none is in the cache any more when its turn comes.
  void Prefetch([[maybe_unused]] Slot slot) {
#if defined(__GNUC__)
    if (slot < size()) __builtin_prefetch(&(*this)[slot], 1);
#endif
  }
  void PrefetchFree() { Prefetch(free_); }

  // A free slot, or kNone where all are used. May allocate: not inside a collection.
  Slot Take() {
    if (used_ >= capacity_) return kNone;
    if (free_ == kNone) Grow();
    const Slot slot = free_;
    Entry& entry = (*this)[slot];
    free_ = static_cast<Slot>(entry.next_free);
    entry.used = 1;
    ++ChunkOf(slot).used;
    ++used_;
    return slot;
  }

  // Allocates nothing: safe inside a collection.
  void Free(Slot slot) {
    Entry& entry = (*this)[slot];
    entry.used = 0;
    entry.next_free = free_;
    free_ = slot;
    --ChunkOf(slot).used;
    --used_;
  }

  // Frees every slot, its handles and the memory. Not inside a collection.
  void Clear() {
    std::vector<Chunk>().swap(chunks_);
    free_ = kNone;
    used_ = 0;
  }

  template <typename F>
  void ForEachUsed(F&& visit) {
    for (Slot first = 0; first < size(); first += kChunkMask + 1) {
      // Of what once were millions of slots a few may be left.
      if (ChunkOf(first).used == 0) continue;
      for (Slot slot = first; slot <= first + kChunkMask; ++slot) {
        if (Entry& entry = (*this)[slot]; entry.used) visit(slot, entry);
      }
    }
  }

 private:
  static constexpr Slot kChunkMask = (Slot{1} << kChunkBits) - 1;

  struct Chunk {
    std::unique_ptr<Entry[]> entries;
    Slot used = 0;
  };

  Chunk& ChunkOf(Slot slot) { return chunks_[slot >> kChunkBits]; }

  void Grow() {
    const Slot first = size();
    chunks_.push_back({.entries = std::make_unique<Entry[]>(kChunkMask + 1)});
    for (Slot i = kChunkMask + 1; i-- > 0;) {
      (*this)[first + i].next_free = free_;
      free_ = first + i;
    }
  }

  Slot capacity_;
  Slot used_ = 0;
  Slot free_ = kNone;
  std::vector<Chunk> chunks_;
};

}  // namespace heapscope::phantom
