#include "base/library_pin.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace heapscope {

bool PinLibrary() {
#ifdef _WIN32
  HMODULE module;
  return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                            reinterpret_cast<LPCWSTR>(&PinLibrary), &module) != 0;
#else
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&PinLibrary), &self) == 0) return false;
  return dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD) != nullptr;
#endif
}

}  // namespace heapscope
