#pragma once

#include <napi.h>

namespace heapscope {
class Environment;
}

namespace heapscope::gc {

// What script can call of collections; `lib/native.ts` has the types.
void Expose(Napi::Object exports, Environment* environment);

}  // namespace heapscope::gc
