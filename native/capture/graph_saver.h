#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "twin/twin.h"

namespace heapscope::capture {

// Waits for a twin on a thread of its own, and saves the graph that it brings: for a process whose
// event loop may not turn any more. While it is at work, an abort() of the thread that started it
// waits for it too. All of it from that thread.
class GraphSaver {
 public:
  enum class Outcome {
    kNone,
    kAtWork,
    kSaved,
    kFailed,
    kUnlucky,  // another twin may do better: it hung, or crashed
    kUndead,   // another would be one too many: it was killed, and has its memory still
  };

  GraphSaver() = default;
  ~GraphSaver() { Join(); }
  GraphSaver(const GraphSaver&) = delete;

  // Of a twin that was just forked; none may be at work. Throws where no thread can be had; the
  // twin is gone then.
  void Start(std::shared_ptr<twin::Twin> twin, std::string path);

  // Until the end, or, of a twin with a deadline, some seconds after that: then it is kAtWork yet.
  Outcome Wait();
  Outcome outcome();

  // The twin ends soon; a graph that it brought is saved.
  void Cancel();
  void Join();

  uint32_t saved() const { return saved_.load(); }
  // Why the last graph is not on disk; empty: it is.
  std::string failure();
  void Fail(const char* why) noexcept;

 private:
  void Run(std::shared_ptr<twin::Twin> twin, const std::string& path) noexcept;
  Outcome Save(twin::Twin& twin, const std::string& path) noexcept;

  std::thread thread_;
  std::weak_ptr<twin::Twin> twin_;
  uint64_t until_ns_ = 0;  // of the steady clock
  std::atomic<uint32_t> saved_{0};
  std::mutex mutex_;  // of what follows
  std::condition_variable ended_;
  Outcome outcome_ = Outcome::kNone;
  char failure_[512] = {};  // telling of a shortage must not need memory
};

}  // namespace heapscope::capture
