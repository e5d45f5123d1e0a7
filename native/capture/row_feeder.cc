#include "capture/row_feeder.h"

#include <system_error>
#include <utility>

namespace heapscope::capture {

RowFeeder::~RowFeeder() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RowFeeder::UseThread() {
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {  // then without one
  }
}

void RowFeeder::Hand() {
  if (!thread_.joinable()) return Build(ring_[handed_ % kBatches]);
  std::unique_lock<std::mutex> lock(mutex_);
  ++handed_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return handed_ - built_ < kBatches; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void RowFeeder::Finish() {
  Hand();
  if (!thread_.joinable()) return;
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return handed_ == built_; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void RowFeeder::Build(Batch& batch) {
  for (const NodeRow& row : batch.nodes) {
    builder_.AddNode(row.type, row.detachedness, row.name, row.id, row.size, row.edges);
  }
  for (const EdgeRow& row : batch.edges) builder_.AddEdge(row.type, row.name, row.target);
  batch.nodes.clear();
  batch.edges.clear();
}

void RowFeeder::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ending_ || built_ < handed_; });
    if (ending_) return;
    Batch& batch = ring_[built_ % kBatches];
    lock.unlock();
    std::exception_ptr error;
    try {
      Build(batch);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    ++built_;
    if (error) {  // nothing may follow what failed
      error_ = error;
      built_ = handed_;
      ending_ = true;
    }
    changed_.notify_all();
  }
}

}  // namespace heapscope::capture
