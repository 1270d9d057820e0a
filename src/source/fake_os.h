// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "src/source/os.h"

namespace marey::source {

/// For tests: one machine's worth of files in memory, and faults on order.
class FakeOs final : public Os {
 public:
  struct File {
    FileKind kind = FileKind::Regular;
    std::string content;
    std::uint64_t claimed_size = 0;  ///< if not 0, what status() says instead of the truth
  };

  /// Files by path; "<0>" is standard input.
  std::map<std::string, File> files;

  // Faults. An errno of 0 is no fault.
  int open_error = 0;
  int status_error = 0;
  int reserve_error = 0;
  int map_error = 0;
  int read_error = 0;
  std::size_t read_error_after = 0;                         ///< reads that still work
  std::size_t largest_read = static_cast<std::size_t>(-1);  ///< bytes at once

  // What is left behind.
  int open_files = 0;
  int failed_reads = 0;
  int mappings = 0;
  int maps_made = 0;

  OsResult<int> open(const std::string& path) override {
    if (open_error != 0) return std::unexpected(open_error);
    if (!files.contains(path)) return std::unexpected(ENOENT);
    open_.push_back({path, 0});
    ++open_files;
    return static_cast<int>(open_.size());  // 0 stays standard input
  }

  OsResult<FileStatus> status(int fd) override {
    if (status_error != 0) return std::unexpected(status_error);
    return status(at(fd).path);
  }

  OsResult<FileStatus> status(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected(ENOENT);
    const File& file = found->second;
    FileStatus status;
    status.kind = file.kind;
    if (file.kind == FileKind::Regular) {
      status.size = file.claimed_size != 0 ? file.claimed_size : file.content.size();
    }
    return status;
  }

  OsResult<std::uint64_t> position(int fd) override {
    if (files.at(at(fd).path).kind != FileKind::Regular) return std::unexpected(ESPIPE);
    return at(fd).position;
  }

  OsResult<std::size_t> read(int fd, std::span<std::byte> into) override {
    const OsResult<std::size_t> count = read_at(fd, at(fd).position, into);
    at(fd).position += count.value_or(0);
    return count;
  }

  OsResult<std::size_t> read_at(int fd, std::uint64_t offset, std::span<std::byte> into) override {
    if (read_error != 0 && read_error_after == 0) {
      ++failed_reads;
      return std::unexpected(read_error);
    }
    if (read_error != 0) --read_error_after;
    const std::string& content = files.at(at(fd).path).content;
    const std::size_t begin = std::min(static_cast<std::size_t>(offset), content.size());
    const std::size_t count = std::min({into.size(), content.size() - begin, largest_read});
    std::memcpy(into.data(), content.data() + begin, count);
    return count;
  }

  void close(int) override { --open_files; }

  OsResult<std::byte*> reserve(std::size_t length) override {
    if (reserve_error != 0) return std::unexpected(reserve_error);
    ++mappings;
    ++maps_made;
    return static_cast<std::byte*>(std::calloc(length, 1));
  }

  OsResult<void> map_over(int fd, std::byte* address, std::size_t length) override {
    if (map_error != 0) return std::unexpected(map_error);
    const std::string& content = files.at(at(fd).path).content;
    std::memcpy(address, content.data(), std::min(length, content.size()));
    return {};
  }

  void advise_sequential(std::byte*, std::size_t) override {}

  void unmap(std::byte* address, std::size_t) override {
    --mappings;
    std::free(address);
  }

  std::size_t page_size() override { return 4096; }

 private:
  struct Open {
    std::string path;
    std::size_t position;
  };

  Open& at(int fd) {
    return fd == 0 ? standard_input_ : open_.at(static_cast<std::size_t>(fd) - 1);
  }

  std::vector<Open> open_;
  Open standard_input_{"<0>", 0};
};

}  // namespace marey::source
