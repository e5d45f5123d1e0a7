#pragma once

#include <napi.h>

#include <functional>
#include <memory>

#include "graph/control.h"

namespace heapscope {

using ControlPointer = std::shared_ptr<graph::Control>;

// Runs `work` on a thread of the pool, then calls done(undefined, deliver()) or done(error) from
// the event loop. Returns the handle by which script watches and cancels it. Where the environment
// ends meanwhile, it is cancelled, and nothing is called.
Napi::Value StartJob(Napi::Env env, const Napi::Value& done,
                     std::function<void(graph::Control&)> work,
                     std::function<Napi::Value(Napi::Env)> deliver);

// The control behind a job's handle.
graph::Control& ControlOf(const Napi::Value& job);

}  // namespace heapscope
