#include "twin/parking.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace heapscope::twin {

struct Parking::Lot {
  std::mutex mutex;
  std::condition_variable all_here;
  std::condition_variable go;
  int expected = 0;
  int here = 0;
  bool open = false;
};

class Parking::Task final : public v8::Task {
 public:
  explicit Task(std::shared_ptr<Lot> lot) : lot_(std::move(lot)) {}

  void Run() override {
    std::unique_lock<std::mutex> lock(lot_->mutex);
    if (lot_->open) return;
    if (++lot_->here == lot_->expected) lot_->all_here.notify_one();
    lot_->go.wait(lock, [this] { return lot_->open; });
  }

 private:
  const std::shared_ptr<Lot> lot_;
};

bool Parking::Park(v8::Platform* platform, uint64_t within_ns) {
  // One of them is the scheduler of delayed tasks, which runs none itself.
  lot_ = std::make_shared<Lot>();
  lot_->expected = std::max(0, platform->NumberOfWorkerThreads() - 1);
  for (int i = 0; i < lot_->expected; ++i) {
#if V8_MAJOR_VERSION >= 13
    platform->PostTaskOnWorkerThread(v8::TaskPriority::kUserBlocking, std::make_unique<Task>(lot_));
#else
    platform->CallBlockingTaskOnWorkerThread(std::make_unique<Task>(lot_));
#endif
  }
  std::unique_lock<std::mutex> lock(lot_->mutex);
  return lot_->all_here.wait_for(lock, std::chrono::nanoseconds(within_ns),
                                 [this] { return lot_->here == lot_->expected; });
}

Parking::~Parking() {
  if (!lot_) return;
  {
    const std::lock_guard<std::mutex> lock(lot_->mutex);
    lot_->open = true;
  }
  lot_->go.notify_all();
}

}  // namespace heapscope::twin
