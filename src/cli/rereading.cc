// SPDX-License-Identifier: Apache-2.0
#include "src/cli/rereading.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <span>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "src/cli/reading.h"

namespace marey::cli {
namespace {

std::unexpected<Error> failure(std::string_view what) {
  return std::unexpected(
      Error{ErrorKind::System,
            fmt::format("cannot {}: {}", what, std::system_category().message(errno))});
}

/// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

int open_unnamed_file() {
  const char* const variable = std::getenv("TMPDIR");
  const std::string directory = variable == nullptr || *variable == '\0' ? "/tmp" : variable;
  std::string name = directory + "/marey-XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0) ::unlink(name.c_str());
  return fd;
}

bool write_all(int fd, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Copies what comes from `from` into a file that becomes standard input.
Result<void> spool(int from) {
  const Descriptor file(open_unnamed_file());
  if (file.get() < 0) return failure("make a file for what comes from the pipe");
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read the input");
    if (count == 0) break;
    if (!write_all(file.get(), std::span(buffer).first(static_cast<std::size_t>(count)))) {
      return failure("keep what comes from the pipe ($TMPDIR says where)");
    }
  }
  if (::dup2(file.get(), STDIN_FILENO) < 0) return failure("keep what comes from the pipe");
  return {};
}

}  // namespace

Result<RereadableInput> RereadableInput::open(const std::string& path) {
  RereadableInput input;
  input.path_ = path;
  input.is_standard_input_ = display_name(path) == kStandardInput;
  struct stat status{};
  const int failed =
      input.is_standard_input_ ? ::fstat(STDIN_FILENO, &status) : ::stat(path.c_str(), &status);
  // What cannot be opened, or is a terminal, those who read it complain about.
  if (failed != 0 || S_ISCHR(status.st_mode)) return input;
  if (S_ISREG(status.st_mode)) {
    const bool at_begin = !input.is_standard_input_ || ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
    if (at_begin) return input;
  } else if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode)) {
    return input;
  }
  wait_for_input(path);
  Result<void> spooled;
  if (input.is_standard_input_) {
    spooled = spool(STDIN_FILENO);
  } else {
    const Descriptor pipe(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (pipe.get() < 0) return input;
    spooled = spool(pipe.get());
  }
  if (!spooled) return std::unexpected(spooled.error());
  input.path_ = "-";
  input.is_standard_input_ = true;
  return input;
}

const std::string& RereadableInput::path() {
  if (is_standard_input_) ::lseek(STDIN_FILENO, 0, SEEK_SET);
  return path_;
}

}  // namespace marey::cli
