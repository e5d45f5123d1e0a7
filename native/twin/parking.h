#pragma once

#include <v8-platform.h>

#include <memory>

namespace heapscope::twin {

// Keeps the threads on which V8 works in the background busy with waiting, until the end of the
// block. A fork then finds none of them inside a task: nobody works for a collector, holds a lock
// of V8's, or waits at the platform's queue, where a twin's first signal would wait for threads
// that are not there.
class Parking {
 public:
  Parking() = default;
  ~Parking();
  Parking(const Parking&) = delete;

  // False where they are not all there within the time: they are still at work.
  bool Park(v8::Platform* platform, uint64_t within_ns);

 private:
  struct Lot;
  class Task;
  std::shared_ptr<Lot> lot_;
};

}  // namespace heapscope::twin
