#pragma once

namespace heapscope {

// Keeps this library mapped until the process ends. A thread's isolate can still run a collection
// after its environment was cleaned up and the library of a worker unloaded; whatever V8 or libuv
// then calls must still be there. False where the platform refused.
bool PinLibrary();

}  // namespace heapscope
