// SPDX-License-Identifier: Apache-2.0
#include "src/source/mapped_file.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "src/base/format.h"
#include "src/source/errors.h"

namespace marey::source {
namespace {

/// Files longer than this are mapped or not read at all.
constexpr std::uint64_t kMostBytesInMemory = std::uint64_t{1} << 30;
constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

OsResult<MappedFile::Mapping> MappedFile::Mapping::create(const FileHandle& file,
                                                          std::size_t size) {
  Os& os = file.os();
  const std::size_t page = os.page_size();
  assert(page >= kReadSlack);
  if (size > std::numeric_limits<std::size_t>::max() / 2) return std::unexpected(EFBIG);
  const std::size_t file_length = (size + page - 1) & ~(page - 1);
  const std::size_t length = file_length + page;
  const OsResult<std::byte*> address = os.reserve(length);
  if (!address) return std::unexpected(address.error());
  Mapping mapping(os, *address, file_length, length);
  if (const OsResult<void> mapped = os.map_over(file.fd(), *address, file_length); !mapped) {
    return std::unexpected(mapped.error());
  }
  mapping.guard_.emplace(*address, file_length, file.fd());
  return mapping;
}

MappedFile::Mapping::Mapping(Mapping&& other) noexcept
    : os_(other.os_),
      address_(std::exchange(other.address_, nullptr)),
      file_length_(other.file_length_),
      length_(other.length_),
      guard_(std::move(other.guard_)) {}

MappedFile::Mapping& MappedFile::Mapping::operator=(Mapping&& other) noexcept {
  std::swap(os_, other.os_);
  std::swap(address_, other.address_);
  std::swap(file_length_, other.file_length_);
  std::swap(length_, other.length_);
  std::swap(guard_, other.guard_);
  return *this;
}

MappedFile::Mapping::~Mapping() {
  guard_.reset();
  if (address_ != nullptr) os_->unmap(address_, length_);
}

MappedFile::MappedFile(FileHandle file, std::string name, std::string path,
                       const FileStatus& status)
    : file_(std::move(file)),
      name_(std::move(name)),
      path_(std::move(path)),
      status_(status),
      bytes_(buffer_.bytes()) {}

Result<MappedFile> MappedFile::open(const std::string& path, Os& os) {
  const OsResult<int> fd = os.open(path);
  if (!fd) return open_error(path, fd.error());
  return adopt(FileHandle::owned(os, *fd), path, path);
}

Result<MappedFile> MappedFile::adopt(FileHandle file, std::string name, std::string path) {
  const OsResult<FileStatus> status = file.os().status(file.fd());
  if (!status) return system_error(name, "examine", status.error());
  if (status->kind == FileKind::Directory) return directory_error(name);
  if (status->kind != FileKind::Regular) {
    return std::unexpected(Error{
        ErrorKind::System, fmt::format("{}: is not a regular file and cannot be mapped", name)});
  }
  MappedFile result(std::move(file), std::move(name), std::move(path), *status);
  if (status->size == 0) return result;
  OsResult<Mapping> mapping = std::unexpected(EFBIG);
  if (status->size <= std::numeric_limits<std::size_t>::max()) {
    mapping = Mapping::create(result.file_, static_cast<std::size_t>(status->size));
  }
  if (mapping) {
    result.bytes_ = {mapping->address(), static_cast<std::size_t>(status->size)};
    result.mapping_.emplace(std::move(*mapping));
    return result;
  }
  if (Result<void> read = result.read_into_memory(mapping.error()); !read) {
    return std::unexpected(std::move(read).error());
  }
  return result;
}

Result<void> MappedFile::read_into_memory(int map_error) {
  if (status_.size > kMostBytesInMemory) {
    return std::unexpected(Error{
        ErrorKind::System,
        fmt::format("{}: cannot be mapped ({}), and is too long ({}) to be held in memory; copy it "
                    "to a local disk, or pipe it in",
                    name_, errno_text(map_error), base::format_bytes(status_.size))});
  }
  while (buffer_.size() < status_.size) {
    const std::size_t left = static_cast<std::size_t>(status_.size) - buffer_.size();
    const std::span<std::byte> room = buffer_.prepare(std::min(left, kPiece));
    if (room.empty()) return memory_error(name_);
    const OsResult<std::size_t> count = file_.os().read_at(file_.fd(), buffer_.size(), room);
    if (!count) return system_error(name_, "read", count.error());
    if (*count == 0) {
      ended_early_at_ = buffer_.size();
      break;
    }
    buffer_.commit(*count);
  }
  bytes_ = buffer_.bytes();
  return {};
}

void MappedFile::expect_sequential_read() {
  if (mapping_) file_.os().advise_sequential(mapping_->address(), mapping_->file_length());
}

std::optional<std::uint64_t> MappedFile::shrunk_at() const {
  if (!mapping_) return ended_early_at_;
  std::optional<std::uint64_t> at = mapping_->guard().shrunk_at();
  // The guard may know an offset in the last page that is past the end as it was.
  if (at && *at >= size()) at.reset();
  return at;
}

bool MappedFile::changed_since_open() const {
  const OsResult<FileStatus> now = file_.os().status(file_.fd());
  return now && (now->size != status_.size || now->modified_ns != status_.modified_ns);
}

bool MappedFile::replaced_since_open() const {
  if (path_.empty()) return false;
  const OsResult<FileStatus> now = file_.os().status(path_);
  return !now || now->device != status_.device || now->inode != status_.inode;
}

}  // namespace marey::source
