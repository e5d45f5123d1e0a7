#pragma once

#include <v8.h>

namespace heapscope::phantom {

// Makes the handle a phantom one on the object: V8 empties it, inside the collection, when the
// object has died, and runs nothing of ours.
template <typename T>
void Aim(v8::Global<T>& handle, v8::Isolate* isolate, v8::Local<T> object) {
  handle.Reset(isolate, object);
  handle.SetWeak();
}

}  // namespace heapscope::phantom
