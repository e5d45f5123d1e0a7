#include "twin/whole_fork.h"

#include <sys/mman.h>

#include <exception>

namespace heapscope::twin {

namespace {

// What was unmapped meanwhile, or is a driver's, cannot be advised, and need not be.
void Advise(const Range& range, int advice) {
  madvise(reinterpret_cast<void*>(range.begin), range.size(), advice);
}

// Calls f(one, other) for each of `some` with the last of `others` that begins no later, or null.
// Both ascend.
template <typename Some, typename Others, typename F>
void EachWithItsPlace(const Some& some, const Others& others, F&& f) {
  size_t next = 0;
  for (const auto& one : some) {
    while (next < others.size() && others[next].begin <= one.begin) ++next;
    f(one, next == 0 ? nullptr : &others[next - 1]);
  }
}

}  // namespace

ForkPlan::ForkPlan(const MemoryMap& memory) {
  copied_.reserve(memory.mappings().size());
  left_out_.reserve(memory.mappings().size());
  kept_free_.reserve(memory.mappings().size());
  EachWithItsPlace(memory.mappings(), memory.survey(),
                   [&](const Mapping& now, const Surveyed* then) {
                     if (!now.readable()) return kept_free_.push_back(now);
                     copied_.push_back(now);
                     // Where anything has changed, something else may lie by now: a thread's stack,
                     // which the program's own forks must not miss.
                     if (then == nullptr || *then != now) {
                       unknown_bytes_ += now.size();
                     } else if (then->left_out) {
                       left_out_.push_back(now);
                       left_out_bytes_ += now.size();
                     }
                   });
}

WholeFork::WholeFork(const ForkPlan& plan, MemoryMap& memory) : plan_(plan), memory_(memory) {
  for (const Mapping& mapping : plan_.copied_) Advise(mapping, MADV_DOFORK);
}

WholeFork::~WholeFork() {
  try {
    memory_.Read();
  } catch (const std::exception&) {
    return;  // then the program's own forks copy more than they need, and miss nothing
  }
  // What is advised alike may have become one mapping.
  EachWithItsPlace(plan_.left_out_, memory_.mappings(), [](const Mapping& v8, const Mapping* now) {
    if (now != nullptr && v8.end <= now->end && v8.protection == now->protection) {
      Advise(v8, MADV_DONTFORK);
    }
  });
}

void WholeFork::KeepFree() const {
  for (const Range& range : plan_.kept_free_) {
    // Fails where it was copied after all: what is not V8's.
    mmap(reinterpret_cast<void*>(range.begin), range.size(), PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  }
}

}  // namespace heapscope::twin
