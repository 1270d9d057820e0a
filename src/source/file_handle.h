// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "src/source/os.h"

namespace marey::source {

/// An open file descriptor, closed at the end unless it is only borrowed (standard input).
class FileHandle {
 public:
  static FileHandle owned(Os& os, int fd) { return {os, fd, true}; }
  static FileHandle borrowed(Os& os, int fd) { return {os, fd, false}; }

  FileHandle(FileHandle&& other) noexcept
      : os_(other.os_), fd_(other.fd_), owned_(std::exchange(other.owned_, false)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(os_, other.os_);
    std::swap(fd_, other.fd_);
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~FileHandle() {
    if (owned_) os_->close(fd_);
  }

  Os& os() const { return *os_; }
  int fd() const { return fd_; }

 private:
  FileHandle(Os& os, int fd, bool owned) : os_(&os), fd_(fd), owned_(owned) {}

  Os* os_;
  int fd_;
  bool owned_;
};

}  // namespace marey::source
