#pragma once

#include <napi.h>

namespace heapscope {
class Environment;
}

namespace heapscope::bindings {

// What script can call of collections; `lib/native.ts` has the types.
void ExposeGc(Napi::Object exports, Environment* environment);

}  // namespace heapscope::bindings
