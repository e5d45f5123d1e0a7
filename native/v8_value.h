#pragma once

#include <napi.h>
#include <v8.h>

#include <cstring>

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

}  // namespace heapscope
