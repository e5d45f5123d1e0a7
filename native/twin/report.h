#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>

#include "graph/control.h"
#include "graph/graph.h"

namespace heapscope::twin {

// One followed instance of a tracked class, as the twin found it.
struct Followed {
  uint64_t id;
  uint64_t born_ms;
  uint32_t class_index;
  uint32_t site;
  graph::Node node;
};

// What the two processes tell each other while the twin works, in memory that they share. Behind it
// lie the nodes of the objects that the caller named, then the followed instances.
struct Report {
  enum State : uint32_t { kRunning, kDone, kFailed };

  graph::Control control;
  std::atomic<uint32_t> state{kRunning};
  std::atomic<uint32_t> followed{0};
  std::atomic<uint64_t> spilled_bytes{0};
  std::atomic<uint64_t> most_anonymous{0};  // of a twin that spills, beyond what it was forked with
  std::atomic<uint64_t> resident_at_end{0};  // beside the graph that it handed over
  char code[48] = {};
  char message[464] = {};

  // For a twin that has to give up. Allocates nothing.
  void Fail(const char* with_code, const char* with_message) {
    std::strncpy(code, with_code, sizeof(code) - 1);
    std::strncpy(message, with_message, sizeof(message) - 1);
    state.store(kFailed, std::memory_order_release);
  }
};

static_assert(std::atomic<uint64_t>::is_always_lock_free, "shared between processes");

}  // namespace heapscope::twin
