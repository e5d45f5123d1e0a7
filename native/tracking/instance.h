#pragma once

#include <v8.h>

#include <cstdint>

namespace heapscope::tracking {

// One followed object. The handle is phantom and has no callback: when the object dies V8 itself
// empties it, inside the collection, and runs nothing of ours. V8 keeps the handle's address, so an
// instance never moves.
struct Instance {
  static constexpr uint32_t kNoSite = 0;
  static constexpr uint32_t kMaxSite = 0xfff;

  v8::Global<v8::Object> handle;
  union {
    uint64_t id = 0;     // while used: the ordinal of its creation in its class, from 1
    uint64_t next_free;  // while free
  };
  uint64_t born_ms : 43 = 0;  // CoarseMs
  uint64_t level : 6 = 0;     // it was kept with probability 2^-level
  uint64_t used : 1 = 0;
  uint64_t closable : 1 = 0;  // its class was watched for a close when it was made
  uint64_t closed : 1 = 0;
  uint64_t site : 12 = kNoSite;  // script's index of the stack that made it
};
static_assert(sizeof(Instance) == 24);

}  // namespace heapscope::tracking
