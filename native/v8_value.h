#pragma once

#include <napi.h>
#include <v8.h>

#include <cstring>
#include <span>

namespace heapscope {

// A Node-API value is V8's local handle in another coat. The addon is compiled for the very Node
// that runs it, so this holds; nothing else in Node-API reaches what we need of V8.
static_assert(sizeof(napi_value) == sizeof(v8::Local<v8::Value>));

template <typename T>
v8::Local<T> ToV8(napi_value value) {
  v8::Local<v8::Value> local;
  std::memcpy(static_cast<void*>(&local), &value, sizeof(value));
  return local.As<T>();
}

inline napi_value FromV8(v8::Local<v8::Value> local) {
  napi_value value;
  std::memcpy(&value, &local, sizeof(value));
  return value;
}

inline Napi::Value FromV8(Napi::Env env, v8::Local<v8::Value> local) {
  return {env, FromV8(local)};
}

// Numbers for script as a typed array. Made by V8, because Node-API refuses to make one in a
// worker that is being terminated, and would leave us a null pointer to write to.
template <typename Array, typename T>
Napi::Value TypedArray(Napi::Env env, std::span<const T> values) {
  auto buffer = v8::ArrayBuffer::New(v8::Isolate::GetCurrent(), values.size_bytes());
  if (!values.empty()) std::memcpy(buffer->Data(), values.data(), values.size_bytes());
  return FromV8(env, Array::New(buffer, 0, values.size()));
}

inline Napi::Value Float64s(Napi::Env env, std::span<const double> values) {
  return TypedArray<v8::Float64Array>(env, values);
}

}  // namespace heapscope
