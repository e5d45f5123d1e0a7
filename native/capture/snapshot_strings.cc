// The list of strings of a .heapsnapshot: read into UTF-8, as they come.

#include "capture/json.h"
#include "capture/snapshot_reader.h"
#include "graph/text.h"

namespace heapscope::capture {

bool SnapshotReader::StringList() {
  for (;;) {
    if (!SkipSpace()) return false;
    if (*at_ == ']' && (first_ || rows_ > 0)) break;
    const char* const start = at_;
    if (!first_) {
      if (*at_ != ',') Fail("a comma was expected", at_);
      ++at_;
      if (!SkipSpace()) {
        at_ = start;
        return false;
      }
    }
    if (*at_ != '"') Fail("a string was expected", at_);
    if (!TakeString()) {
      at_ = start;
      return false;
    }
    first_ = false;
    control_->Tick(++rows_, meta_.nodes + meta_.edges);
  }
  ++at_;
  EndSection();
  return true;
}

// From the opening quote; false if the closing one is not here yet.
bool SnapshotReader::TakeString() {
  graph::Column<char>& out = builder_.strings().growing();
  const size_t before = out.size();
  const char* at = at_ + 1;
  uint32_t high = 0;  // a first half of a surrogate pair
  const auto append = [&](uint32_t character) {
    if (high != 0 && character >= 0xdc00 && character < 0xe000) {
      out.Resize(out.size() - 3);
      character = 0x10000 + ((high - 0xd800) << 10) + (character - 0xdc00);
    }
    high = character >= 0xd800 && character < 0xdc00 ? character : 0;
    std::string bytes;
    graph::AppendCharacter(bytes, character);
    out.Append(bytes.data(), bytes.size());
  };
  for (;;) {
    const char* run = at;
    while (*at != '"' && *at != '\\' && (static_cast<unsigned char>(*at) >= 0x20)) ++at;
    if (at != run) {
      out.Append(run, static_cast<size_t>(at - run));
      high = 0;
    }
    if (at == end_) break;
    if (*at == '"') {
      at_ = at + 1;
      builder_.strings().EndString();
      return true;
    }
    if (*at != '\\') Fail("a control character inside a string", at);
    if (end_ - at < 2) break;
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const size_t known = kFrom.find(at[1]); known != kFrom.npos) {
      append(static_cast<unsigned char>(kTo[known]));
      at += 2;
      continue;
    }
    if (at[1] != 'u') Fail("an unknown escape inside a string", at);
    if (end_ - at < 6) break;
    const int32_t character = UnicodeEscape(at + 2);
    if (character < 0) Fail("an unknown escape inside a string", at);
    append(static_cast<uint32_t>(character));
    at += 6;
  }
  out.Resize(before);
  return false;
}

}  // namespace heapscope::capture
