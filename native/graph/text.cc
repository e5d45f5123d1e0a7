#include "graph/text.h"

#include <cstdio>

namespace heapscope::graph {

uint32_t TakeCharacter(std::string_view& text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = at(0);
  const size_t length = first < 0x80   ? 1
                        : first < 0xc0 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                                       : 4;
  uint32_t character = length == 1 ? first : first & (0x7f >> length);
  bool valid = length > 0 && length <= text.size();
  for (size_t i = 1; valid && i < length; ++i) {
    valid = (at(i) & 0xc0) == 0x80;
    character = character << 6 | (at(i) & 0x3f);
  }
  if (!valid || character > 0x10ffff) {
    text.remove_prefix(1);
    return 0xfffd;
  }
  text.remove_prefix(length);
  return character;
}

void AppendCharacter(std::string& out, uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const uint32_t c = TakeCharacter(text);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (c < 0x20 || (c >= 0xd800 && c < 0xe000)) {
          char escape[8];
          std::snprintf(escape, sizeof(escape), "\\u%04x", c);
          out += escape;
        } else {
          AppendCharacter(out, c);
        }
    }
  }
  return out += '"';
}

std::u16string ToUtf16(std::string_view text, size_t limit) {
  std::u16string out;
  while (!text.empty() && out.size() < limit) {
    const uint32_t c = TakeCharacter(text);
    if (c < 0x10000) {
      out += static_cast<char16_t>(c);
    } else {
      out += static_cast<char16_t>(0xd7c0 + (c >> 10));
      if (out.size() < limit) out += static_cast<char16_t>(0xdc00 + (c & 0x3ff));
    }
  }
  return out;
}

}  // namespace heapscope::graph
