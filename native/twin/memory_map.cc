#include "twin/memory_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "graph/error.h"
#include "twin/refusal.h"

namespace heapscope::twin {

namespace {

// Takes a hexadecimal number and the character behind it off the text.
uintptr_t TakeHex(std::string_view& text) {
  uintptr_t value = 0;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<uintptr_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value << 4 | static_cast<uintptr_t>(c - 'a' + 10);
    } else {
      break;
    }
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  return value;
}

std::string_view TakeWord(std::string_view& text) {
  const size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  return word;
}

// "begin-end rwxp offset device inode path"; false for what has a file or is shared.
bool ParseMapping(std::string_view line, Mapping& mapping) {
  mapping.begin = TakeHex(line);
  mapping.end = TakeHex(line);
  const std::string_view permissions = TakeWord(line);
  TakeWord(line);
  TakeWord(line);
  const std::string_view inode = TakeWord(line);
  if (permissions.size() < 4 || permissions[3] != 'p' || inode != "0") return false;
  mapping.protection = (permissions[0] == 'r' ? PROT_READ : 0) |
                       (permissions[1] == 'w' ? PROT_WRITE : 0) |
                       (permissions[2] == 'x' ? PROT_EXEC : 0);
  return line.empty() || line.starts_with("[anon");
}

}  // namespace

MemoryMap::MemoryMap() : buffer_(1 << 16) {
  constexpr size_t kMost = 1 << 16;  // the kernel's own limit of mappings, where nobody raised it
  mappings_.reserve(kMost);
  survey_.reserve(kMost);
}

template <typename F>
void MemoryMap::EachLine(const char* path, F&& f) {
  const FileDescriptor file(open(path, O_RDONLY | O_CLOEXEC));
  if (!file) throw Refusal(std::string("a twin needs to read ") + path, errno);
  size_t filled = 0;
  bool any = false;
  while (true) {
    const ssize_t got = read(file.get(), buffer_.data() + filled, buffer_.size() - filled);
    if (got <= 0) break;
    any = true;
    std::string_view rest(buffer_.data(), filled + static_cast<size_t>(got));
    for (size_t end; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
      f(rest.substr(0, end));
    }
    std::memmove(buffer_.data(), rest.data(), rest.size());
    filled = rest.size();
  }
  if (!any) {
    throw graph::Error(graph::kErrorUnsupported,
                       std::string("a twin needs ") + path + ", which tells nothing here");
  }
}

void MemoryMap::Read(bool with_heap) {
  mappings_.clear();
  Mapping mapping;
  EachLine("/proc/self/maps", [&](std::string_view line) {
    const bool heap = with_heap && line.ends_with("[heap]");
    if (ParseMapping(line, mapping) || heap) mappings_.push_back(mapping);
  });
}

void MemoryMap::Survey(const graph::Control* control) {
  survey_.clear();
  bool told = false;
  Surveyed mapping;
  bool anonymous = false;
  EachLine("/proc/self/smaps", [&](std::string_view line) {
    if (line.empty()) return;
    if (line[0] < 'A' || line[0] > 'Z') {  // addresses are in lower case, names of figures not
      if (control != nullptr) control->Check();
      anonymous = ParseMapping(line, mapping);
    } else if (line.starts_with("VmFlags:")) {
      told = true;
      if (!anonymous) return;
      mapping.left_out = line.find(" dc") != line.npos;
      survey_.push_back(mapping);
    }
  });
  if (!told) {
    throw graph::Error(graph::kErrorUnsupported,
                       "a twin needs the kernel to tell, in /proc/self/smaps, which memory a fork "
                       "leaves out");
  }
}

}  // namespace heapscope::twin
