#pragma once

#include <napi.h>
#include <v8.h>

#include "delivery.h"
#include "gc/collections.h"
#include "tracking/tracker.h"
#include "weakref/weak_references.h"

namespace heapscope {

// Everything of one Node environment: the main thread's or a worker's, once per copy of the addon
// that it loaded. The one place that knows in which order it ends.
class Environment final : private gc::CollectionListener {
 public:
  // Lives until the environment's cleanup.
  static Environment* Create(Napi::Env env, int64_t thread_id);

  v8::Isolate* isolate() const { return isolate_; }
  gc::Collections& collections() { return collections_; }
  tracking::Tracker& tracker() { return tracker_; }
  weakref::WeakReferences& weak_references() { return weak_references_; }
  Delivery& delivery() { return delivery_; }

  // Monitors that script of this environment started, less those it disposed.
  void AddMonitors(int delta);

  // Hooks into V8's collector while a monitor anywhere in the process, or a tracked class or weak
  // reference of this environment, needs it.
  void SyncCollections();

 private:
  Environment(Napi::Env env, uv_loop_t* loop, int64_t thread_id);
  static void OnCleanup(napi_async_cleanup_hook_handle handle, void* self);
  void OnCollection(gc::Kind kind) override;
  void Sweep(phantom::Generation generation);

  v8::Isolate* const isolate_;
  const uint64_t token_;
  int monitors_ = 0;
  tracking::Tracker tracker_;
  weakref::WeakReferences weak_references_;
  gc::Collections collections_;
  Delivery delivery_;
};

}  // namespace heapscope
