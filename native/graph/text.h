#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heapscope::graph {

// The length in JavaScript's eyes: UTF-16 code units.
inline size_t Utf16Length(std::string_view text) {
  size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if ((byte & 0xc0) != 0x80) length += byte >= 0xf0 ? 2 : 1;
  }
  return length;
}

// One character off the front; a stray byte counts as U+FFFD. Lone surrogates come as they are.
uint32_t TakeCharacter(std::string_view& text);

void AppendCharacter(std::string& out, uint32_t character);

// As JSON.stringify writes it, between quotes.
std::string JsonString(std::string_view text);

// Up to `limit` UTF-16 code units.
std::u16string ToUtf16(std::string_view text, size_t limit);

}  // namespace heapscope::graph
