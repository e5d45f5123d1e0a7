#pragma once

#include <v8.h>

namespace heapscope::gc {

// Runs one collection now, on the calling isolate's thread. `exposed`: the process was started with
// --expose-gc, so V8's flag is left alone.
void RunCollection(v8::Isolate* isolate, v8::Isolate::GarbageCollectionType type, bool exposed);

}  // namespace heapscope::gc
