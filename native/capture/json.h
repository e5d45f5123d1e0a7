#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heapscope::capture {

// A small JSON value: for a snapshot's description of itself, never for its contents.
struct Json {
  enum class Type : uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

  Type type = Type::kNull;
  double number = 0;
  std::string string;
  std::vector<Json> items;         // of an array, or the values of an object
  std::vector<std::string> names;  // of an object's members

  // Null where there is none.
  const Json* Find(std::string_view name) const;
  // Whether it is a whole number from 0 to 2^53.
  bool IsCount() const;
};

// False if the text is not JSON, nested deeper than anybody needs, or followed by something.
bool ParseJson(std::string_view text, Json& value);

// What `\u` and these four hexadecimal digits stand for, or -1.
int32_t UnicodeEscape(const char* digits);

}  // namespace heapscope::capture
