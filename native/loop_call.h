#pragma once

#include <napi.h>

#include <initializer_list>

namespace heapscope {

// Calls script from the event loop. Not through Napi::Function: the loop also turns while an
// environment is being ended, when script cannot run any more, and that is no error. The functions
// that script gives us let nothing else escape.
inline void CallFromLoop(Napi::Env env, const Napi::AsyncContext& context,
                         const Napi::Function& function,
                         std::initializer_list<napi_value> arguments) {
  napi_value result;
  if (napi_make_callback(env, context, env.Global(), function, arguments.size(), arguments.begin(),
                         &result) == napi_pending_exception) {
    napi_get_and_clear_last_exception(env, &result);
  }
}

}  // namespace heapscope
