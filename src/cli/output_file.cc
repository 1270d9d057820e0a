// SPDX-License-Identifier: Apache-2.0
#include "src/cli/output_file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "src/cli/output.h"

namespace marey::cli {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failure(std::string_view path, int error) {
  return std::unexpected(
      Error{ErrorKind::System,
            fmt::format("cannot write {}: {}", path, std::system_category().message(error))});
}

/// Writes everything and closes the descriptor. Returns the errno of what failed, or 0.
int write_and_close(int descriptor, std::string_view content) {
  Output output(descriptor);
  output.add(content);
  output.flush();
  const int error = output.error().value_or(0);
  // Some file systems tell only here that the disk is full.
  return ::close(descriptor) != 0 && error == 0 ? errno : error;
}

/// The rights that a file has that the shell would make.
mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

bool is_same_file(const std::string& path, const std::string& input) {
  struct stat file{};
  struct stat read{};
  const int failed = input == "-" ? ::fstat(STDIN_FILENO, &read) : ::stat(input.c_str(), &read);
  return failed == 0 && ::stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) &&
         file.st_dev == read.st_dev && file.st_ino == read.st_ino;
}

}  // namespace

Result<void> check_output_file(const std::string& path, const std::string& input) {
  if (is_same_file(path, input)) {
    return std::unexpected(
        Error{ErrorKind::Usage, fmt::format("{} is the trace itself; give another file", path)});
  }
  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  if (fs::is_directory(path, error)) return failure(path, EISDIR);
  if (!folder.empty() && !fs::is_directory(folder, error)) {
    return failure(path, fs::exists(folder, error) ? ENOTDIR : ENOENT);
  }
  return {};
}

Result<void> write_file(const std::string& path, std::string_view content) {
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const int error = descriptor < 0 ? errno : write_and_close(descriptor, content);
    if (error != 0) return failure(path, error);
    return {};
  }
  std::error_code ignored;
  const fs::path target = exists ? fs::canonical(path, ignored) : fs::path(path);
  std::string temporary = (target.parent_path() / ".marey-XXXXXX").string();
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return failure(path, errno);
  ::fchmod(descriptor, exists ? status.st_mode & 07777 : usual_mode());
  int error = write_and_close(descriptor, content);
  if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(temporary.c_str());
  return failure(path, error);
}

}  // namespace marey::cli
