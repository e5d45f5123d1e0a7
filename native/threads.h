#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "gc/figures.h"

namespace heapscope {

class Environment;

// The environments of this process that loaded the addon, and whether anybody monitors collections.
// The lock guards the list only: figures are read without it.
class Threads {
 public:
  static Threads& OfProcess();

  struct Entry {
    uint64_t token;      // never reused
    int64_t thread_id;   // worker_threads.threadId
    uint64_t os_thread;  // as the kernel calls it
    Environment* environment;
    std::shared_ptr<const gc::Figures> figures;
    bool asked = false;  // an interrupt that has not been served is on its way
  };

  void Add(Entry entry);
  void Remove(uint64_t token);
  std::vector<Entry> List() const;
  uint64_t NextToken();

  bool monitored() const;
  // A monitor was started (+1) or ended (-1) in some thread: every thread's hook follows.
  void AddMonitors(int delta);

 private:
  void Answer(uint64_t token);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  uint64_t next_token_ = 1;
  int monitors_ = 0;
};

}  // namespace heapscope
