#pragma once

#include <napi.h>
#include <uv.h>

#include <functional>
#include <optional>

namespace heapscope {

// Carries what happened inside collections to script, later, from the event loop. A collection only
// sets a flag; a prepare handle, which costs nothing while the flag is down, looks at it once per
// turn. It does not keep the process alive.
class Delivery {
 public:
  Delivery(Napi::Env env, uv_loop_t* loop);

  // Safe inside a collection.
  void Notify() { pending_ = true; }

  // `callback()` is called after each turn in which Notify was; an empty function stops that.
  void SetCallback(Napi::Function callback);

  // Ends delivery. `closed` runs from the loop once libuv has let go of the handle.
  void Close(std::function<void()> closed);

 private:
  static void OnPrepare(uv_prepare_t* handle);
  void Deliver();

  Napi::Env env_;
  Napi::FunctionReference callback_;
  std::optional<Napi::AsyncContext> context_;
  uv_prepare_t prepare_;
  std::function<void()> closed_;
  bool pending_ = false;
};

}  // namespace heapscope
