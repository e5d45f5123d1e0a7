#include "twin/whole_fork.h"

#include <sys/mman.h>

namespace heapscope::twin {

namespace {

// What was unmapped meanwhile, or is a driver's, cannot be advised, and need not be.
void Advise(const Range& range, int advice) {
  madvise(reinterpret_cast<void*>(range.begin), range.size(), advice);
}

}  // namespace

WholeFork::WholeFork(const std::vector<Mapping>& mapped, const std::vector<Mapping>& left_out) {
  auto old = left_out.begin();
  for (const Mapping& mapping : mapped) {
    Advise(mapping, MADV_DOFORK);
    while (old != left_out.end() && old->begin < mapping.begin) ++old;
    // Where anything has changed, something else may lie there by now: a thread's stack, which the
    // program's own forks must not miss. V8's memory among it is copied by those forks, too, then.
    if (old == left_out.end() || *old != mapping) continue;
    if (!again_.empty() && again_.back().end == mapping.begin) {
      again_.back().end = mapping.end;
    } else {
      again_.push_back(mapping);
    }
  }
}

WholeFork::~WholeFork() {
  for (const Range& range : again_) Advise(range, MADV_DONTFORK);
}

}  // namespace heapscope::twin
