#include "capture/json.h"

#include <cmath>
#include <cstdlib>

#include "graph/text.h"

namespace heapscope::capture {

namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool Document(Json& value) {
    if (!Value(value, 0)) return false;
    SkipSpace();
    return at_ == text_.size();
  }

 private:
  static constexpr int kMaxDepth = 32;

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    SkipSpace();
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\n' || Peek() == '\r' || Peek() == '\t') ++at_;
  }
  bool Word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool Value(Json& value, int depth) {
    if (depth > kMaxDepth) return false;
    SkipSpace();
    switch (Peek()) {
      case '{':
        return Object(value, depth);
      case '[':
        return Array(value, depth);
      case '"':
        value.type = Json::Type::kString;
        return String(value.string);
      case 't':
      case 'f':
        value.type = Json::Type::kBoolean;
        value.number = Peek() == 't';
        return Word("true") || Word("false");
      case 'n':
        return Word("null");
      default:
        return Number(value);
    }
  }

  bool Object(Json& value, int depth) {
    value.type = Json::Type::kObject;
    ++at_;
    if (Take('}')) return true;
    do {
      SkipSpace();
      if (!String(value.names.emplace_back()) || !Take(':') ||
          !Value(value.items.emplace_back(), depth + 1)) {
        return false;
      }
    } while (Take(','));
    return Take('}');
  }

  bool Array(Json& value, int depth) {
    value.type = Json::Type::kArray;
    ++at_;
    if (Take(']')) return true;
    do {
      if (!Value(value.items.emplace_back(), depth + 1)) return false;
    } while (Take(','));
    return Take(']');
  }

  bool String(std::string& out) {
    if (Peek() != '"') return false;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        out += text_[at_++];
        continue;
      }
      if (++at_ >= text_.size() || !Escape(out)) return false;
    }
    return Take('"');
  }

  bool Escape(std::string& out) {
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const char c = text_[at_++];
    if (const size_t known = kFrom.find(c); known != kFrom.npos) {
      out += kTo[known];
      return true;
    }
    if (c != 'u' || text_.size() - at_ < 4) return false;
    const int32_t character = UnicodeEscape(text_.data() + at_);
    if (character < 0) return false;
    at_ += 4;
    graph::AppendCharacter(out, static_cast<uint32_t>(character));
    return true;
  }

  bool Number(Json& value) {
    const size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view("+-.eE0123456789").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
    if (at_ == start) return false;
    const std::string digits(text_.substr(start, at_ - start));
    char* end = nullptr;
    value.type = Json::Type::kNumber;
    value.number = std::strtod(digits.c_str(), &end);
    return end == digits.c_str() + digits.size() && std::isfinite(value.number);
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const Json* Json::Find(std::string_view name) const {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return &items[i];
  }
  return nullptr;
}

bool Json::IsCount() const {
  return type == Type::kNumber && number >= 0 && number <= 9007199254740992.0 &&
         number == std::floor(number);
}

bool ParseJson(std::string_view text, Json& value) { return Parser(text).Document(value); }

int32_t UnicodeEscape(const char* digits) {
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = digits[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace heapscope::capture
