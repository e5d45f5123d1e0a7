#pragma once

#include <napi.h>

#include <functional>
#include <memory>

#include "graph/control.h"

namespace heapscope {

using ControlPointer = std::shared_ptr<graph::Control>;

// Whose thread does the work. What waits for minutes without working, or must begin at once,
// whatever the program has given the pool to do, gets one of its own.
enum class JobThread { kOfPool, kOfItsOwn };

// Runs `work` on another thread, then calls done(undefined, deliver()) or done(error) from
// the event loop. Returns the handle by which script watches and cancels it. Where the environment
// ends meanwhile, it is cancelled, which the work itself looks for, and nothing is called. Throws
// where a thread of its own is not to be had.
Napi::Value StartJob(Napi::Env env, const Napi::Value& done,
                     std::function<void(graph::Control&)> work,
                     std::function<Napi::Value(Napi::Env)> deliver,
                     JobThread thread = JobThread::kOfPool);

// The control behind a job's handle.
graph::Control& ControlOf(const Napi::Value& job);

}  // namespace heapscope
