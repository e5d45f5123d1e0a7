#pragma once

#include <napi.h>

#include <memory>

#include "twin/twin.h"

namespace heapscope {

// Waits on a thread for the twin that was just forked, takes its graph, and calls done(undefined,
// end) or done(error) from the event loop; `NativeTwinEnd` says what the end has. `objects`: how
// many nodes stand behind the report. Throws where there is no thread; the twin is gone then. Who
// opened the twin ends it with the environment.
void WaitForTwin(const std::shared_ptr<twin::Twin>& twin, const Napi::Function& done,
                 size_t objects);

}  // namespace heapscope
