// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "marey/error.h"

#include "src/source/byte_stream.h"
#include "src/source/mapped_file.h"
#include "src/source/os.h"

namespace marey::source {

/// What a path leads to: a file that can be mapped whole, or bytes that come in pieces.
using Input = std::variant<MappedFile, std::unique_ptr<ByteStream>>;

/// Opens what a user named. A regular file that is not compressed is mapped. Everything else is a
/// stream: gzip and zstd (told by their first bytes, whatever the name), pipes, FIFOs, sockets,
/// devices, and files without a length such as those in /proc. "-" and "/dev/stdin" are standard
/// input, which is mapped too if it is a regular file at its beginning.
///
/// Waits for the first bytes of a pipe. Errors name the file and say what to do.
Result<Input> open_input(const std::string& path, Os& os = real_os());

}  // namespace marey::source
