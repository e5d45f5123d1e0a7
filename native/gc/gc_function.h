#pragma once

#include <v8.h>

namespace heapscope::gc {

// V8's own `gc`, which it keeps as an extension for contexts that ask for it by name: no flag is
// needed, which would be the whole process's. Empty where the thread is being terminated, or where
// V8 was started with another name for it (--expose-gc-as).
v8::MaybeLocal<v8::Function> GcFunction(v8::Isolate* isolate);

}  // namespace heapscope::gc
