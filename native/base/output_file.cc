#include "base/output_file.h"

#include <atomic>
#include <cerrno>
#include <cstdint>

#ifdef _WIN32
#include <io.h>
#include <process.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace heapscope {

namespace {

std::string NameBeside(const std::string& path) {
  static std::atomic<uint32_t> count{0};
#ifdef _WIN32
  const int process = _getpid();
#else
  const int process = getpid();
#endif
  return path + "." + std::to_string(process) + "-" + std::to_string(++count) + ".tmp";
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), beside_(NameBeside(path)) {
#ifdef _WIN32
  file_ = std::fopen(beside_.c_str(), "wbx");
#else
  // To replace anything but a file would surprise: a device, a pipe, a directory. A link is
  // replaced: to follow it would let whoever made it choose the file.
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    return;
  }
  const int fd = open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) file_ = fdopen(fd, "wb");
#endif
}

OutputFile::~OutputFile() {
  if (file_ == nullptr) return;
  const int error = errno;
  std::fclose(file_);
  std::remove(beside_.c_str());
  errno = error;
}

bool OutputFile::Write(const void* bytes, size_t size) {
  return size == 0 || std::fwrite(bytes, 1, size, file_) == size;
}

bool OutputFile::Finish() {
  if (std::fflush(file_) != 0) return false;
#ifdef _WIN32
  if (_commit(_fileno(file_)) != 0) return false;
  std::remove(path_.c_str());  // rename does not replace there
#else
  if (fsync(fileno(file_)) != 0) return false;
#endif
  std::FILE* const file = file_;
  file_ = nullptr;
  if (std::fclose(file) == 0 && std::rename(beside_.c_str(), path_.c_str()) == 0) return true;
  const int error = errno;
  std::remove(beside_.c_str());
  errno = error;
  return false;
}

}  // namespace heapscope
