#pragma once

#include <v8.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "phantom/slab.h"
#include "phantom/young.h"
#include "weakref/target_index.h"

namespace heapscope::weakref {

using phantom::Generation;
using phantom::Slot;

// A weak link from an object of script's, its holder (a reference, a proxy's handler, a finalizer),
// to its target. Both handles are phantom: the target's death is what the link is there to tell,
// the holder's death cancels it.
struct Link {
  v8::Global<v8::Value> target;
  v8::Global<v8::Object> holder;
  union {
    uint64_t ordinal = 0;  // while used: the order of creation, from 1
    uint64_t next_free;    // while free
  };
  Slot next_same = 0;  // TargetIndex
  uint32_t hash = 0;   // TargetIndex
  uint32_t used : 1 = 0;
  uint32_t notifies : 1 = 0;  // the holder wants to know of the target's death
  uint32_t shared : 2 = 0;    // as what it can be found by its target; 0 as nothing
  uint32_t dead : 1 = 0;      // the target's death was found
  uint32_t waiting : 1 = 0;   // and is to be told
  uint32_t young : 1 = 0;     // in the list of the newborn
};

// All links of one environment.
class LinkTable {
 public:
  explicit LinkTable(v8::Isolate* isolate) : isolate_(isolate) {}
  LinkTable(const LinkTable&) = delete;

  Slot Add(v8::Local<v8::Value> target, v8::Local<v8::Object> holder, bool notifies);
  // From now on FindShared(target, kind) finds this link's holder.
  void Share(Slot slot, uint32_t kind);
  v8::Local<v8::Object> FindShared(v8::Local<v8::Value> target, uint32_t kind);

  // The link, or null where there is none (any more) with that slot.
  Link* At(Slot slot) { return slot < slab_.size() && slab_[slot].used ? &slab_[slot] : nullptr; }

  // Its target's death is of no interest any more.
  void Cancel(Slot slot);

  // After a collection, also inside it: no allocation, no handle reset.
  void Sweep(Generation generation);

  bool has_waiting() const { return !waiting_.empty(); }
  // The holders of the targets found dead since it was last asked, newest link first. Their links
  // are done with.
  void TakeWaiting(std::vector<v8::Local<v8::Value>>& holders);

  // The living holders of the links for which `which(link)`, in the order of creation. O(links).
  template <typename F>
  void HoldersWhere(F&& which, std::vector<v8::Local<v8::Value>>& holders) {
    std::vector<std::pair<uint64_t, Slot>> found;
    slab_.ForEachUsed([&](Slot slot, Link& link) {
      if (!link.holder.IsEmpty() && which(link)) found.emplace_back(link.ordinal, slot);
    });
    std::sort(found.begin(), found.end());
    for (const auto& [ordinal, slot] : found) holders.push_back(slab_[slot].holder.Get(isolate_));
  }
  Slot size() const { return slab_.used(); }

  // Gives up every handle.
  void Clear();

 private:
  using Slab = phantom::Slab<Link>;

  bool SweepSlot(Slot slot);
  // The handles stay behind, weak, until the slot is used again: this may be inside a collection.
  void Free(Slot slot);

  v8::Isolate* const isolate_;
  Slab slab_{UINT32_C(1) << 30};  // a slot is a small integer to script
  phantom::Young young_;
  TargetIndex<Slab> index_{slab_};
  uint64_t created_ = 0;
  // Ordinal and slot of those whose target's death is to be told. Has room for every slot.
  std::vector<std::pair<uint64_t, Slot>> waiting_;
};

}  // namespace heapscope::weakref
