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
  // request, because the environment may be gone when the interrupt is served. V8 queues every
  // request until the isolate next runs script, so an idle one is asked only once.
  for (Entry& entry : entries_) {
    if (std::exchange(entry.asked, true)) continue;
    entry.environment->isolate()->RequestInterrupt(
        [](v8::Isolate*, void* token) { OfProcess().Answer(reinterpret_cast<uintptr_t>(token)); },
        reinterpret_cast<void*>(static_cast<uintptr_t>(entry.token)));
  }
}

// On the environment's own thread, so that it cannot go away once it was found.
void Threads::Answer(uint64_t token) {
  Environment* environment = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                    [token](const Entry& one) { return one.token == token; });
    if (entry == entries_.end()) return;
    entry->asked = false;
    environment = entry->environment;
  }
  environment->SyncCollections();
}

}  // namespace heapscope
