#pragma once

#include <napi.h>
#include <v8.h>

#include "v8_value.h"

namespace heapscope::bindings {

// Functions of V8's own instead of Node-API's, for what script calls often: a fifth of the price.
// `pointer` is what PointerOf gives back in each call.

#if V8_MAJOR_VERSION >= 14
inline constexpr auto kPointerTag = v8::kExternalPointerTypeTagDefault;
inline v8::Local<v8::External> WrapPointer(v8::Isolate* isolate, void* pointer) {
  return v8::External::New(isolate, pointer, kPointerTag);
}
inline void* UnwrapPointer(v8::Local<v8::Value> value) {
  return value.As<v8::External>()->Value(kPointerTag);
}
#else
inline v8::Local<v8::External> WrapPointer(v8::Isolate* isolate, void* pointer) {
  return v8::External::New(isolate, pointer);
}
inline void* UnwrapPointer(v8::Local<v8::Value> value) { return value.As<v8::External>()->Value(); }
#endif

template <typename T>
T* PointerOf(const v8::FunctionCallbackInfo<v8::Value>& info) {
  return static_cast<T*>(UnwrapPointer(info.Data()));
}

// Empty only where the environment is being ended.
inline v8::MaybeLocal<v8::Function> PlainFunction(v8::FunctionCallback callback, void* pointer) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  return v8::Function::New(isolate->GetCurrentContext(), callback, WrapPointer(isolate, pointer), 0,
                           v8::ConstructorBehavior::kThrow);
}

inline void ExposePlain(Napi::Object exports, const char* name, v8::FunctionCallback callback,
                        void* pointer) {
  v8::Local<v8::Function> function;
  if (PlainFunction(callback, pointer).ToLocal(&function)) {
    exports.Set(name, FromV8(exports.Env(), function));
  }
}

}  // namespace heapscope::bindings
