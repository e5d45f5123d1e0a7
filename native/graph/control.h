#pragma once

#include <atomic>
#include <cstdint>

#include "base/process_facts.h"
#include "graph/error.h"

namespace heapscope::graph {

// In the order in which they are passed; `lib/graph/native-graph.ts` names them.
enum class Stage : uint32_t {
  kWaiting,
  kReading,
  kSizes,
  kTraversal,
  kPredecessors,
  kDominators,
  kClasses,
  kComparing,
  kWriting,
  kDone,
};

// Between long work on one thread and those who watch it from another.
class Control {
 public:
  // Loops look here once in so many rounds.
  static constexpr uint32_t kInterval = 1 << 16;

  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  void Begin(Stage stage, uint64_t total) {
    stage_.store(static_cast<uint32_t>(stage), std::memory_order_relaxed);
    total_.store(total, std::memory_order_relaxed);
    At(0);
  }

  void At(uint64_t done) {
    done_.store(done, std::memory_order_relaxed);
    NoteMemory();
    Check();
  }

  // Alone where rounds are long.
  void Check() const {
    if (cancelled_.load(std::memory_order_relaxed)) throw Error(kErrorAborted, "it was aborted");
  }

  // For every round of a loop; `round` counts them, `before` is what was done before the loop.
  void Tick(uint64_t round, uint64_t before = 0) {
    if ((round & (kInterval - 1)) == 0) At(before + round);
  }

  // The most that the process was seen to have in memory meanwhile, in bytes.
  uint64_t most_resident() const { return most_resident_.load(std::memory_order_relaxed); }
  void NoteMemory() {
    const uint64_t now = ResidentBytes();
    uint64_t most = most_resident();
    while (now > most && !most_resident_.compare_exchange_weak(most, now)) {
    }
  }

  uint32_t stage() const { return stage_.load(std::memory_order_relaxed); }
  uint64_t done() const { return done_.load(std::memory_order_relaxed); }
  uint64_t total() const { return total_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
  std::atomic<uint32_t> stage_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<uint64_t> total_{0};
  std::atomic<uint64_t> most_resident_{0};
};

}  // namespace heapscope::graph
