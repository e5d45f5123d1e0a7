#include "base/mapped_file.h"

#include <cerrno>

#ifdef _WIN32
#include <cstdio>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace heapscope {

#ifdef _WIN32

// Read as a whole: simpler than a mapping, and right.
std::shared_ptr<MappedFile> MappedFile::Open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return nullptr;
  _fseeki64(file, 0, SEEK_END);
  const auto size = static_cast<size_t>(_ftelli64(file));
  std::rewind(file);
  auto* data = new char[size + 1];
  const size_t got = std::fread(data, 1, size, file);
  std::fclose(file);
  return std::shared_ptr<MappedFile>(new MappedFile(data, got));
}

MappedFile::~MappedFile() { delete[] data_; }

#else

std::shared_ptr<MappedFile> MappedFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe would wait
  if (fd < 0) return nullptr;
  auto file = Of(fd);
  const int error = errno;
  close(fd);
  errno = error;
  return file;
}

std::shared_ptr<MappedFile> MappedFile::Of(int fd) {
  struct stat status;
  void* data = MAP_FAILED;
  size_t size = 0;
  if (fstat(fd, &status) == 0) {
    size = static_cast<size_t>(status.st_size);
    if (S_ISDIR(status.st_mode)) {
      errno = EISDIR;
    } else if (!S_ISREG(status.st_mode)) {
      errno = EINVAL;
    } else if (size == 0) {
      return std::shared_ptr<MappedFile>(new MappedFile(nullptr, 0));
    } else {
      data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
  }
  if (data == MAP_FAILED) return nullptr;
  return std::shared_ptr<MappedFile>(new MappedFile(static_cast<char*>(data), size));
}

MappedFile::~MappedFile() {
  if (size_ != 0) munmap(data_, size_);
}

#endif

}  // namespace heapscope
