#pragma once

#include <napi.h>

namespace heapscope {
class Environment;
}

namespace heapscope::tracking {

// What script can call of tracking; `lib/native.ts` has the types.
void Expose(Napi::Object exports, Environment* environment);

}  // namespace heapscope::tracking
