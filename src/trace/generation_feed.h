// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "marey/error.h"
#include "marey/health.h"
#include "marey/trace.h"

#include "src/source/byte_stream.h"
#include "src/source/mapped_file.h"
#include "src/source/padded_buffer.h"
#include "src/wire/generation_scanner.h"
#include "src/wire/header.h"

namespace marey::trace {

/// A generation as it lies in the trace, with hold of its bytes.
struct RawGeneration {
  wire::GenerationLayout layout;
  std::span<const std::byte> bytes;  ///< of the trace from `offset` on, padded for decoding
  std::uint64_t offset = 0;
  std::shared_ptr<const source::PaddedBuffer> owner;  ///< nullptr: the bytes are the mapped file's
  Health health;  ///< defects met on the way to this generation and while looking for its end
};

/// Takes the bytes of a trace, wherever they come from, and gives its generations.
///
/// A mapped file is looked at in place. Of a stream, and of what is fed, the bytes of the
/// generation that is not whole yet are kept, and handed out with it. A v1 trace has no
/// generations: all of its bytes are kept, see whole_trace().
class GenerationFeed {
 public:
  static Result<std::unique_ptr<GenerationFeed>> open(const std::string& path, bool strict);
  static std::unique_ptr<GenerationFeed> fed(bool strict);

  /// Both do nothing for a feed that reads a file, or has been ended.
  void feed(std::span<const std::byte> bytes);
  void end_feed() {
    if (!stream_) ended_ = true;
  }

  enum class Status : std::uint8_t {
    Ready,     ///< what was asked for is there
    NeedMore,  ///< of what is fed
    End,
    Error,  ///< strict, or the stream cannot be read
  };
  /// The next generation.
  Status next(RawGeneration& generation);

  /// Reads the header, if it is not read yet; never End.
  Status read_header();
  const TraceInfo& info() const { return info_; }
  const wire::Header& header() const { return header_; }
  /// Offset of the first batch in the trace. After read_header().
  std::uint64_t first_batch() const { return first_batch_; }
  const Error& error() const { return *error_; }

  /// v1: pulls all bytes there are; they stay valid as long as the feed. Only after read_header().
  Status whole_trace(std::span<const std::byte>& bytes);

  /// The defects that no generation has taken along: those behind the last one, and of the file
  /// itself. To be asked for at the end.
  Health rest_of_health();

 private:
  explicit GenerationFeed(bool strict) : strict_(strict) {}
  std::span<const std::byte> window() const;
  Status pull();
  /// Pulls until the window has `size` bytes, or all there are.
  Status pull_up_to(std::size_t size);
  Status scan(RawGeneration& generation);
  /// Looks for the begin of a trace that has no header in front.
  Status find_trace();
  Status fail(Error error);

  bool strict_;
  Health health_;
  std::optional<source::MappedFile> file_;
  std::unique_ptr<source::ByteStream> stream_;
  std::shared_ptr<source::PaddedBuffer> buffer_;
  std::uint64_t buffer_offset_ = 0;  // of the buffer's first byte in the trace
  bool ended_ = false;               // nothing comes after the buffer
  bool header_read_ = false;
  std::uint64_t first_batch_ = wire::kHeaderSize;
  wire::Header header_;
  TraceInfo info_;
  std::optional<wire::GenerationScanner> scanner_;
  std::optional<Error> error_;
};

}  // namespace marey::trace
