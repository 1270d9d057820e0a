// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "marey/error.h"

#include "src/source/file_handle.h"
#include "src/source/padded_buffer.h"

namespace marey::source {

/// Bytes that come in pieces and only once: a pipe, a socket, what comes out of a decompressor.
/// Takes a fixed amount of memory however much flows through. Not for use by two threads at once.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  /// Writes the next bytes to the front of `into`, which must not be empty, and returns how many:
  /// at least one, and not before one is there; 0 at the end, from then on each time. After an
  /// error, what was returned before it is still good, and each further call gives the same error.
  virtual Result<std::size_t> read(std::span<std::byte> into) = 0;

  /// What messages call it: a path, or "standard input".
  virtual const std::string& name() const = 0;

  /// Sentences about what was ignored so far, such as bytes after the end of compressed data,
  /// without the stream's name.
  virtual std::vector<std::string> warnings() const { return {}; }
};

/// What an open file descriptor delivers: a file, pipe, socket or device.
std::unique_ptr<ByteStream> stream_file(FileHandle file, std::string name);

/// Bytes that are in memory already, at most `piece` at a time.
std::unique_ptr<ByteStream> stream_bytes(std::vector<std::byte> bytes, std::string name,
                                         std::size_t piece = static_cast<std::size_t>(-1));

/// `front`, and then the rest of `stream`: for putting back what was read to look at it.
std::unique_ptr<ByteStream> push_back(std::vector<std::byte> front,
                                      std::unique_ptr<ByteStream> stream);

/// Appends to `buffer` what `stream` still delivers, but at most `most` bytes. On an error,
/// `buffer` keeps what came before it. Reaching `most` is not an error: the stream just has more.
Result<void> read_all(ByteStream& stream, PaddedBuffer& buffer,
                      std::size_t most = static_cast<std::size_t>(-1));

}  // namespace marey::source
