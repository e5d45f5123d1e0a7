#pragma once

#include <napi.h>

#include <memory>

#include "twin/twin.h"

namespace heapscope {

// Waits on a thread for the twin that was just forked, takes its graph, and calls done(undefined,
// end) or done(error) from the event loop; `NativeTwinEnd` says what the end has. `objects`: how
// many nodes stand behind the report. A thread of its own, not of the pool, where a twin of minutes
// would be one file or name fewer at a time. Throws where there is none; the twin is gone then.
void WaitForTwin(std::shared_ptr<twin::Twin> twin, const Napi::Function& done, size_t objects);

}  // namespace heapscope
