#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace heapscope {

// A whole file, readable as memory for as long as this lives.
class MappedFile {
 public:
  // Empty on failure, with errno set.
  static std::shared_ptr<MappedFile> Open(const std::string& path);
#ifndef _WIN32
  // The file behind a descriptor, which stays the caller's.
  static std::shared_ptr<MappedFile> Of(int fd);
#endif
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  MappedFile(char* data, size_t size) : data_(data), size_(size) {}

  char* const data_;
  const size_t size_;
};

}  // namespace heapscope
