#include "gc/gc_function.h"

namespace heapscope::gc {

v8::MaybeLocal<v8::Function> GcFunction(v8::Isolate* isolate) {
  v8::EscapableHandleScope scope(isolate);
  // A thread that is terminated while V8 installs an extension makes V8 print the running script,
  // unless nobody wants the message. From Node 22 on a line on the standard error stays.
  v8::TryCatch quiet(isolate);
  quiet.SetCaptureMessage(false);
  const char* names[] = {"v8/gc"};
  v8::ExtensionConfiguration extensions(1, names);
  const v8::Local<v8::Context> context = v8::Context::New(isolate, &extensions);
  v8::Local<v8::Value> found;
  if (context.IsEmpty() ||
      !context->Global()
           ->Get(context, v8::String::NewFromUtf8Literal(isolate, "gc"))
           .ToLocal(&found) ||
      !found->IsFunction()) {
    if (quiet.HasTerminated()) isolate->TerminateExecution();
    return {};
  }
  return scope.Escape(found.As<v8::Function>());
}

}  // namespace heapscope::gc
