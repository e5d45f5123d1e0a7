#pragma once

#include <napi.h>

#include <initializer_list>

namespace heapscope {

// Calls script from the event loop. Not through Napi::Function: the loop also turns while an
// environment is being ended, when script cannot run any more, and that is no error. What escapes
// is uncaught: the functions that script gives us let nothing out, but the ticks that run after
// them are the program's.
inline void CallFromLoop(Napi::Env env, const Napi::AsyncContext& context,
                         const Napi::Function& function,
                         std::initializer_list<napi_value> arguments) {
  napi_value result;
  napi_make_callback(env, context, env.Global(), function, arguments.size(), arguments.begin(),
                     &result);
  if (!env.IsExceptionPending()) return;
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

}  // namespace heapscope
