#pragma once

#include <cstdio>
#include <string>

namespace heapscope {

// A file that is there complete or not at all: written beside its place with mode 0600, flushed to
// the disk, then renamed. Each function returns false on failure, with errno set; the rest of what
// is written is then dropped.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();  // removes what was not finished
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  bool Opened() const { return file_ != nullptr; }
  bool Write(const void* bytes, size_t size);
  bool Finish();

 private:
  const std::string path_;
  const std::string beside_;
  std::FILE* file_ = nullptr;
};

}  // namespace heapscope
