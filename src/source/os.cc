// SPDX-License-Identifier: Apache-2.0
#include "src/source/os.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace marey::source {
namespace {

std::unexpected<int> failed() { return std::unexpected(errno); }

FileStatus convert(const struct stat& s) {
  FileStatus status;
  if (S_ISREG(s.st_mode)) {
    status.kind = FileKind::Regular;
    status.size = static_cast<std::uint64_t>(s.st_size);
  } else if (S_ISDIR(s.st_mode)) {
    status.kind = FileKind::Directory;
  } else if (S_ISFIFO(s.st_mode)) {
    status.kind = FileKind::Pipe;
  } else if (S_ISSOCK(s.st_mode)) {
    status.kind = FileKind::Socket;
  }
  status.device = s.st_dev;
  status.inode = s.st_ino;
#ifdef __APPLE__
  const timespec& modified = s.st_mtimespec;
#else
  const timespec& modified = s.st_mtim;
#endif
  status.modified_ns =
      static_cast<std::int64_t>(modified.tv_sec) * 1'000'000'000 + modified.tv_nsec;
  return status;
}

class RealOs final : public Os {
 public:
  OsResult<int> open(const std::string& path) override {
    for (;;) {
      const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
      if (fd >= 0) return fd;
      if (errno != EINTR) return failed();
    }
  }

  OsResult<FileStatus> status(int fd) override {
    struct stat s;
    if (::fstat(fd, &s) != 0) return failed();
    FileStatus status = convert(s);
    if (status.kind == FileKind::Other && ::isatty(fd) == 1) status.kind = FileKind::Terminal;
    return status;
  }

  OsResult<FileStatus> status(const std::string& path) override {
    struct stat s;
    if (::stat(path.c_str(), &s) != 0) return failed();
    return convert(s);
  }

  OsResult<std::uint64_t> position(int fd) override {
    const off_t at = ::lseek(fd, 0, SEEK_CUR);
    if (at < 0) return failed();
    return static_cast<std::uint64_t>(at);
  }

  OsResult<std::size_t> read(int fd, std::span<std::byte> into) override {
    for (;;) {
      const ssize_t n = ::read(fd, into.data(), into.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        pollfd wait{fd, POLLIN, 0};
        if (::poll(&wait, 1, -1) < 0 && errno != EINTR) return failed();
      } else if (errno != EINTR) {
        return failed();
      }
    }
  }

  OsResult<std::size_t> read_at(int fd, std::uint64_t offset, std::span<std::byte> into) override {
    for (;;) {
      const ssize_t n = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return failed();
    }
  }

  void close(int fd) override { ::close(fd); }

  OsResult<std::byte*> reserve(std::size_t length) override {
    void* at =
        ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return failed();
    return static_cast<std::byte*>(at);
  }

  OsResult<void> map_over(int fd, std::byte* address, std::size_t length) override {
    void* at = ::mmap(address, length, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
    if (at == MAP_FAILED) return failed();
    return {};
  }

  void advise_sequential(std::byte* address, std::size_t length) override {
    ::madvise(address, length, MADV_SEQUENTIAL);
  }

  void unmap(std::byte* address, std::size_t length) override { ::munmap(address, length); }

  std::size_t page_size() override { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
};

}  // namespace

Os& real_os() {
  static RealOs os;
  return os;
}

std::string errno_text(int error) {
  std::string text = std::generic_category().message(error);
  // "Permission denied" ends a sentence of ours; names such as "RPC: ..." keep their capitals.
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

}  // namespace marey::source
