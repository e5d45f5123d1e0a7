#include "delivery.h"

#include <utility>

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
  // Not through Napi::Function: the loop also turns while an environment is being ended, when
  // script cannot run any more, and that is no error. Script's dispatcher lets nothing else escape.
  napi_value result;
  if (napi_make_callback(env_, *context_, env_.Global(), callback_.Value(), 0, nullptr, &result) ==
      napi_pending_exception) {
    napi_get_and_clear_last_exception(env_, &result);
  }
}

}  // namespace heapscope
