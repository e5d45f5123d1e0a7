#include "environment.h"

#include "base/process_facts.h"
#include "threads.h"

namespace heapscope {

Environment* Environment::Create(Napi::Env env, int64_t thread_id) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  auto* environment = new Environment(env, loop, thread_id);
  // Asynchronous, because libuv lets go of a handle only in a later turn of the loop.
  napi_add_async_cleanup_hook(env, OnCleanup, environment, nullptr);
  environment->SyncCollections();
  return environment;
}

Environment::Environment(Napi::Env env, uv_loop_t* loop, int64_t thread_id)
    : isolate_(v8::Isolate::GetCurrent()),
      token_(Threads::OfProcess().NextToken()),
      tracker_(isolate_),
      weak_references_(isolate_),
      collections_(isolate_, this),
      delivery_(env, loop) {
  Threads::OfProcess().Add({.token = token_,
                            .thread_id = thread_id,
                            .os_thread = OsThreadId(),
                            .environment = this,
                            .figures = collections_.figures()});
}

// V8 may collect again after this, so nothing of ours may stay registered with it.
void Environment::OnCleanup(napi_async_cleanup_hook_handle handle, void* data) {
  auto* self = static_cast<Environment*>(data);
  Threads::OfProcess().Remove(self->token_);  // no other thread reaches the isolate any more
  Threads::OfProcess().AddMonitors(-self->monitors_);
  self->collections_.Detach();
  self->tracker_.ReleaseAll();
  self->weak_references_.ReleaseAll();
  self->delivery_.Close([self, handle] {
    const napi_async_cleanup_hook_handle hook = handle;  // this closure is a part of what goes
    delete self;
    napi_remove_async_cleanup_hook(hook);
  });
}

void Environment::AddMonitors(int delta) {
  monitors_ += delta;
  Threads::OfProcess().AddMonitors(delta);
  SyncCollections();
}

void Environment::SyncCollections() {
  if (Threads::OfProcess().monitored() || tracker_.active() || weak_references_.active()) {
    collections_.Attach();
  } else {
    collections_.Detach();
  }
}

void Environment::OnCollection(gc::Kind kind) {
  switch (kind) {
    case gc::kScavenge:
    case gc::kMinorMarkSweep:
      Sweep(phantom::Generation::kYoung);
      break;
    case gc::kMarkSweepCompact:
      Sweep(phantom::Generation::kAll);
      break;
    default:
      break;
  }
  delivery_.Notify();
}

void Environment::Sweep(phantom::Generation generation) {
  tracker_.OnCollection(generation);
  weak_references_.OnCollection(generation);
}

}  // namespace heapscope
