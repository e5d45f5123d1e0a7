#include "delivery.h"

#include <utility>

#include "loop_call.h"

namespace heapscope {

Delivery::Delivery(Napi::Env env, uv_loop_t* loop)
    : env_(env), context_(std::in_place, env, "heapscope") {
  uv_prepare_init(loop, &prepare_);
  prepare_.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&prepare_));
}

void Delivery::SetCallback(Napi::Function callback) {
  if (callback.IsEmpty()) {
    uv_prepare_stop(&prepare_);
    callback_.Reset();
    return;
  }
  callback_ = Napi::Persistent(callback);
  uv_prepare_start(&prepare_, OnPrepare);
}

void Delivery::Close(std::function<void()> closed) {
  closed_ = std::move(closed);
  // While the environment still has its Node-API; the handle alone lives on until it is closed.
  callback_.Reset();
  context_.reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), [](uv_handle_t* handle) {
    // Out of the object first: what it calls deletes the object.
    const auto closed = std::move(static_cast<Delivery*>(handle->data)->closed_);
    closed();
  });
}

void Delivery::OnPrepare(uv_prepare_t* handle) {
  auto* self = static_cast<Delivery*>(handle->data);
  if (self->pending_) self->Deliver();
}

void Delivery::Deliver() {
  pending_ = false;
  const Napi::HandleScope scope(env_);
  CallFromLoop(env_, *context_, callback_.Value(), {});
}

}  // namespace heapscope
