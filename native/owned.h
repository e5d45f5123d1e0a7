#pragma once

#include <napi.h>

#include <memory>

namespace heapscope {

// Gives script what it owns from then on. Where it cannot have it, in a worker that is being
// terminated, it goes at once and the value is empty.
template <typename T>
Napi::Value Owned(Napi::Env env, std::unique_ptr<T> data) {
  const auto value =
      Napi::External<T>::New(env, data.get(), [](Napi::BasicEnv, T* owned) { delete owned; });
  if (!value.IsEmpty()) static_cast<void>(data.release());
  return value;
}

}  // namespace heapscope
