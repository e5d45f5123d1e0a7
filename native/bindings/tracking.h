#pragma once

#include <napi.h>

namespace heapscope {
class Environment;
}

namespace heapscope::bindings {

// What script can call of tracking; `lib/native.ts` has the types.
void ExposeTracking(Napi::Object exports, Environment* environment);

}  // namespace heapscope::bindings
