#include "gc/collect.h"

#include <mutex>

namespace heapscope::gc {

void RunCollection(v8::Isolate* isolate, v8::Isolate::GarbageCollectionType type, bool exposed) {
  // The one call that runs exactly one collection of a given kind insists on V8's flag. The flag is
  // the process's, so threads take turns, and it is put back at once: while it is set every new
  // context is given a global `gc`.
  static std::mutex flag_mutex;
  if (exposed) {
    isolate->RequestGarbageCollectionForTesting(type);
    return;
  }
  const std::lock_guard<std::mutex> lock(flag_mutex);
  v8::V8::SetFlagsFromString("--expose-gc");
  isolate->RequestGarbageCollectionForTesting(type);
  v8::V8::SetFlagsFromString("--no-expose-gc");
}

}  // namespace heapscope::gc
