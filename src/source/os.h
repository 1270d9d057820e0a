// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>

/// The operating system, as far as reading files needs it. Small, so that tests can put a fake in
/// its place that fails when asked to.
namespace marey::source {

enum class FileKind { Regular, Directory, Pipe, Socket, Terminal, Other };

struct FileStatus {
  FileKind kind = FileKind::Other;
  std::uint64_t size = 0;  ///< bytes; 0 for all but regular files
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
};

/// A value, or the errno that the system gave.
template <class T>
using OsResult = std::expected<T, int>;

class Os {
 public:
  Os() = default;
  Os(const Os&) = delete;
  Os& operator=(const Os&) = delete;
  virtual ~Os() = default;

  /// A file descriptor that is closed on exec. Blocks on a FIFO until it has a writer.
  virtual OsResult<int> open(const std::string& path) = 0;
  virtual OsResult<FileStatus> status(int fd) = 0;
  virtual OsResult<FileStatus> status(const std::string& path) = 0;
  /// Where the next read begins; fails for what has no positions, such as pipes.
  virtual OsResult<std::uint64_t> position(int fd) = 0;
  /// Some bytes, at least one unless at the end; waits for them even if `fd` is non-blocking.
  virtual OsResult<std::size_t> read(int fd, std::span<std::byte> into) = 0;
  /// The same from a given offset of a regular file, without moving where the next read begins.
  virtual OsResult<std::size_t> read_at(int fd, std::uint64_t offset,
                                        std::span<std::byte> into) = 0;
  virtual void close(int fd) = 0;

  /// `length` bytes of zeros that cost nothing until they are touched; read-only.
  virtual OsResult<std::byte*> reserve(std::size_t length) = 0;
  /// Puts the first `length` bytes of the file in place of what lies at `address`, page-aligned.
  virtual OsResult<void> map_over(int fd, std::byte* address, std::size_t length) = 0;
  /// Tells the system that the bytes will be read from front to back, once.
  virtual void advise_sequential(std::byte* address, std::size_t length) = 0;
  virtual void unmap(std::byte* address, std::size_t length) = 0;

  /// The size of a page of memory; a power of two.
  virtual std::size_t page_size() = 0;
};

/// The operating system itself. Lives as long as the program.
Os& real_os();

/// The system's words for an errno, in small letters: "no such file or directory".
std::string errno_text(int error);

}  // namespace marey::source
