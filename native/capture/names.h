#pragma once

#include <napi.h>
#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/flat_index.h"
#include "graph/strings.h"

namespace heapscope::capture {

// String numbers by text.
class Names {
 public:
  Names(Napi::Env env, graph::Strings& strings);

  uint32_t Intern(std::string_view text);
  uint32_t Intern(v8::Local<v8::Value> value);
  std::string_view operator[](uint32_t name) const { return strings_[name]; }

 private:
  napi_env env_;
  graph::Strings& strings_;
  FlatIndex by_text_;
};

// To ask V8 for a name makes a JavaScript string, and there are several names per node. So they are
// remembered by the word that stands for the name inside V8's own node or edge, a pointer to its
// interned text. Once the first texts of ASCII, copied with care, were all found to be what V8
// says, further ones are read where they are. Where a sample shows that equal words do not mean
// equal names, all is read again by asking. One is for nodes or for edges: each has to prove its
// own.
class NamesByWord {
 public:
  explicit NamesByWord(Names& names) : names_(names) {}

  // The name that the word stands for; ask() tells it for certain.
  template <typename F>
  uint32_t Of(uint64_t word, F&& ask) {
    Known& recent = recent_[(word >> 4 ^ word >> 14) % kRecent];
    uint32_t name;
    if (recent.word == word) {
      name = recent.name;
    } else {
      const uint64_t hash = (word >> 4) * 0x9e3779b97f4a7c15 >> 32;
      uint32_t known = by_word_.Find(hash, [&](uint32_t i) { return known_[i].word == word; });
      if (known == FlatIndex::kNone) {
        known = static_cast<uint32_t>(known_.size());
        known_.push_back({word, Learn(word, ask)});
        by_word_.Add(hash, known);
      }
      recent = known_[known];
      name = recent.name;
    }
    if (Samples() && ask() != name) consistent_ = false;
    return name;
  }

  // Whether this is one to check: the first thousand, then one in a thousand.
  bool Samples() { return ++asked_ < kSample || asked_ % kSample == 0; }
  void Fail() { consistent_ = false; }
  bool consistent() const { return consistent_; }

 private:
  static constexpr uint64_t kSample = 1024;
  static constexpr size_t kRecent = 4096;
  static constexpr int kProofs = 64;
  static constexpr int kNever = -1;
  struct Known {
    uint64_t word = 0;
    uint32_t name = 0;
  };

  template <typename F>
  uint32_t Learn(uint64_t word, F&& ask) {
    if (to_prove_ == 0 && consistent_) {
      const std::string_view text = reinterpret_cast<const char*>(word);
      if (IsPlain(text)) return names_.Intern(text);
    }
    const uint32_t name = ask();
    if (to_prove_ > 0) Prove(word, name);
    return name;
  }
  // Whether the text means the same to V8: what is not ASCII may be cut within a character.
  static bool IsPlain(std::string_view text);
  void Prove(uint64_t word, uint32_t name);

  Names& names_;
  bool consistent_ = true;
  int to_prove_ = kProofs;  // words that are yet to point to the text of their name; or kNever
  uint64_t asked_ = 0;
  std::vector<Known> recent_ = std::vector<Known>(kRecent);
  std::vector<Known> known_;
  FlatIndex by_word_;
};

}  // namespace heapscope::capture
