// SPDX-License-Identifier: Apache-2.0
#include "src/source/input.h"

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "src/source/decompress.h"
#include "src/source/errors.h"
#include "src/source/file_handle.h"

namespace marey::source {
namespace {

/// `file` is a regular file, or else a stream, from `name` for messages and `path` if there is one.
Result<Input> open_either(FileHandle file, const FileStatus& status, const std::string& name,
                          const std::string& path) {
  if (status.kind == FileKind::Directory) return directory_error(name);
  if (status.kind == FileKind::Regular && status.size > 0) {
    std::array<std::byte, kMagicLength> front;
    const OsResult<std::size_t> count = file.os().read_at(file.fd(), 0, front);
    if (!count) return system_error(name, "read", count.error());
    if (detect_compression(std::span(front).first(*count)) == Compression::None) {
      Result<MappedFile> mapped = MappedFile::adopt(std::move(file), name, path);
      if (!mapped) return std::unexpected(std::move(mapped).error());
      return Input(std::move(*mapped));
    }
  }
  Result<std::unique_ptr<ByteStream>> stream = decompress(stream_file(std::move(file), name));
  if (!stream) return std::unexpected(std::move(stream).error());
  return Input(std::move(*stream));
}

Result<Input> open_standard_input(Os& os) {
  constexpr int kStandardInput = 0;
  const std::string name = "standard input";
  const OsResult<FileStatus> status = os.status(kStandardInput);
  if (!status) return system_error(name, "examine", status.error());
  if (status->kind == FileKind::Terminal) {
    return std::unexpected(
        Error{ErrorKind::Usage, "standard input is a terminal; pipe a trace in, or name a file"});
  }
  FileStatus taken_as = *status;
  // Somebody has read the beginning of the file; only the rest is meant.
  if (os.position(kStandardInput).value_or(0) != 0) taken_as.kind = FileKind::Other;
  return open_either(FileHandle::borrowed(os, kStandardInput), taken_as, name, "");
}

}  // namespace

Result<Input> open_input(const std::string& path, Os& os) {
  if (path == "-" || path == "/dev/stdin") return open_standard_input(os);
  const OsResult<int> fd = os.open(path);
  if (!fd) return open_error(path, fd.error());
  FileHandle file = FileHandle::owned(os, *fd);
  const OsResult<FileStatus> status = os.status(*fd);
  if (!status) return system_error(path, "examine", status.error());
  return open_either(std::move(file), *status, path, path);
}

}  // namespace marey::source
