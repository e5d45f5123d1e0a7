#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "capture/snapshot_reader.h"

namespace heapscope::capture {

namespace {

using graph::Error;

class InputFile {
 public:
  explicit InputFile(const std::string& path) : path_(path), fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) Fail();
    struct stat status;
    if (fstat(fd_, &status) == 0 && S_ISDIR(status.st_mode)) {
      close(fd_);
      errno = EISDIR;
      Fail();
    }
#ifdef __linux__
    posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
  }
  ~InputFile() { close(fd_); }

  size_t Read(char* out, size_t size) {
    for (;;) {
      const ssize_t got = read(fd_, out, size);
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) Fail();
    }
  }

 private:
  [[noreturn]] void Fail() const {
    throw Error(graph::kErrorIo, "cannot read " + path_ + ": " + std::strerror(errno));
  }

  const std::string& path_;
  const int fd_;
};

}  // namespace

graph::Graph ReadSnapshotFile(const std::string& path, graph::Control& control) {
  constexpr size_t kPiece = 1 << 19;
  const uint64_t start = MonotonicNs();
  InputFile file(path);
  SnapshotReader reader(control);
  while (const size_t got = file.Read(reader.Room(kPiece), kPiece)) reader.Pushed(got);
  graph::Graph graph = reader.Finish();
  graph.facts.reading_ns = MonotonicNs() - start;
  return graph;
}

}  // namespace heapscope::capture
