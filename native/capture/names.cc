#include "capture/names.h"

#include <algorithm>
#include <functional>
#include <string>

#include "base/readable.h"
#include "v8_value.h"

namespace heapscope::capture {

Names::Names(Napi::Env env, graph::Strings& strings) : env_(env), strings_(strings) { Intern(""); }

uint32_t Names::Intern(std::string_view text) {
  const uint64_t hash = std::hash<std::string_view>()(text);
  const uint32_t found = by_text_.Find(hash, [&](uint32_t i) { return strings_[i] == text; });
  if (found != FlatIndex::kNone) return found;
  const uint32_t name = strings_.Add(text);
  by_text_.Add(hash, name);
  return name;
}

uint32_t Names::Intern(v8::Local<v8::Value> value) {
  if (value->IsNumber()) return Intern(std::to_string(value.As<v8::Number>()->Value()));
  char text[512];
  size_t length = 0;
  const napi_value string = FromV8(value);
  if (napi_get_value_string_utf8(env_, string, text, sizeof(text), &length) != napi_ok) return 0;
  if (length + 4 < sizeof(text)) return Intern(std::string_view(text, length));
  napi_get_value_string_utf8(env_, string, nullptr, 0, &length);
  std::string longer(length + 1, '\0');
  napi_get_value_string_utf8(env_, string, longer.data(), longer.size(), &length);
  longer.resize(length);
  return Intern(longer);
}

bool NamesByWord::IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c != '\0' && static_cast<unsigned char>(c) < 0x80; });
}

// More need not fit into what is copied with care.
constexpr size_t kLongest = 512;

void NamesByWord::Prove(uint64_t word, uint32_t name) {
  const std::string_view expected = names_[name];
  if (!IsPlain(expected) || expected.size() >= kLongest) return;
  std::string text(expected.size() + 1, 'x');
  const bool same = CopyIfReadable(word, text.data(), text.size()) && text.back() == '\0' &&
                    std::string_view(text.data(), expected.size()) == expected;
  to_prove_ = same ? to_prove_ - 1 : kNever;
}

}  // namespace heapscope::capture
