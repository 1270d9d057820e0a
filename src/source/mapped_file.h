// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "marey/error.h"

#include "src/source/file_handle.h"
#include "src/source/os.h"
#include "src/source/padded_buffer.h"
#include "src/source/sigbus_guard.h"

namespace marey::source {

/// A whole regular file as one span of read-only bytes.
///
/// The file is mapped: it takes no anonymous memory, and opening costs the same for any length.
/// Where the file system cannot map (and the file is not too long for it), it is read into memory
/// instead; nobody needs to care which.
///
/// - At least kReadSlack bytes after the end may be read, whatever the length: the mapping is made
///   over a reservation that is a page longer.
/// - The span stays valid, and its length the same, until the MappedFile is gone. It survives a
///   move of the MappedFile.
/// - Others may change the file meanwhile. A file that grows is not followed. Where it shrinks,
///   reading gives zeros and never a crash, and shrunk_at() says from where (see SigbusGuard).
///   Bytes that are overwritten in place are seen as they are at the time of reading, so no reader
///   may rely on reading the same byte twice.
///
/// One thread may open, move and destroy it; any number may read the bytes.
class MappedFile {
 public:
  /// Errors name the file and say what to do.
  static Result<MappedFile> open(const std::string& path, Os& os = real_os());

  /// The same of a descriptor that is open already, from the file's beginning on, wherever the
  /// descriptor stands. `name` is for messages; `path` is where replaced_since_open() looks, empty
  /// if there is none.
  static Result<MappedFile> adopt(FileHandle file, std::string name, std::string path);

  MappedFile(MappedFile&& other) noexcept = default;
  MappedFile& operator=(MappedFile&& other) noexcept = default;

  std::span<const std::byte> bytes() const { return bytes_; }
  std::uint64_t size() const { return bytes_.size(); }
  /// What messages call it: the path as it was given.
  const std::string& name() const { return name_; }
  /// The file as it was when it was opened: its length, identity and time of change.
  const FileStatus& status() const { return status_; }
  /// False if the bytes had to be read into memory.
  bool is_mapped() const { return mapping_.has_value(); }

  /// Tells the system that the bytes are about to be read from front to back, once, so that it
  /// reads further ahead and lets go of what was read. Not for bytes that will be read again.
  void expect_sequential_read();

  /// The lowest offset at which reading has met bytes that the file no longer has; those and what
  /// follows read as zeros. None if all bytes read so far were the file's.
  std::optional<std::uint64_t> shrunk_at() const;
  /// Whether the file's length or time of change differ from when it was opened: bytes may have
  /// been added, cut off or overwritten.
  bool changed_since_open() const;
  /// Whether the path leads to another file now, or to none. Our bytes are then the old file's,
  /// and intact.
  bool replaced_since_open() const;

 private:
  /// The reservation and what is mapped over its front.
  class Mapping {
   public:
    static OsResult<Mapping> create(const FileHandle& file, std::size_t size);
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;
    ~Mapping();

    std::byte* address() const { return address_; }
    std::size_t file_length() const { return file_length_; }
    const SigbusGuard& guard() const { return *guard_; }

   private:
    Mapping(Os& os, std::byte* address, std::size_t file_length, std::size_t length)
        : os_(&os), address_(address), file_length_(file_length), length_(length) {}

    Os* os_;
    std::byte* address_;
    std::size_t file_length_;  // the file's, rounded up to whole pages
    std::size_t length_;       // of the reservation
    std::optional<SigbusGuard> guard_;
  };

  MappedFile(FileHandle file, std::string name, std::string path, const FileStatus& status);
  Result<void> read_into_memory(int map_error);

  // Members go in reverse order: the guard's descriptor must outlive the mapping.
  FileHandle file_;
  std::string name_;
  std::string path_;
  FileStatus status_;
  std::optional<Mapping> mapping_;
  PaddedBuffer buffer_;
  std::span<const std::byte> bytes_;
  std::optional<std::uint64_t> ended_early_at_;
};

}  // namespace marey::source
