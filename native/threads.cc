#include "threads.h"

#include <v8.h>

#include <algorithm>
#include <utility>

#include "environment.h"

namespace heapscope {

Threads& Threads::OfProcess() {
  // Never destroyed: threads may still be ending while the process runs its exit handlers.
  static Threads& threads = *new Threads;
  return threads;
}

void Threads::Add(Entry entry) {
  const std::lock_guard<std::mutex> lock(mutex_);
  entries_.push_back(std::move(entry));
}

void Threads::Remove(uint64_t token) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(entries_, [token](const Entry& entry) { return entry.token == token; });
}

std::vector<Threads::Entry> Threads::List() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return entries_;
}

uint64_t Threads::NextToken() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return next_token_++;
}

Environment* Threads::Find(uint64_t token) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [token](const Entry& entry) { return entry.token == token; });
  return found == entries_.end() ? nullptr : found->environment;
}

bool Threads::monitored() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return monitors_ > 0;
}

void Threads::AddMonitors(int delta) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool before = monitors_ > 0;
  monitors_ += delta;
  if (before == (monitors_ > 0)) return;
  // Only its own thread may touch an isolate's callbacks. The isolates of the list are alive: each
  // leaves it, under this lock, before it ends. The token, not the pointer, travels with the
  // request, because the environment may be gone when the interrupt is served.
  for (const Entry& entry : entries_) {
    entry.environment->isolate()->RequestInterrupt(
        [](v8::Isolate*, void* token) {
          Environment* environment = OfProcess().Find(reinterpret_cast<uintptr_t>(token));
          if (environment != nullptr) environment->SyncCollections();
        },
        reinterpret_cast<void*>(static_cast<uintptr_t>(entry.token)));
  }
}

}  // namespace heapscope
