// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "marey/error.h"

#include "src/source/byte_stream.h"

namespace marey::source {

/// What a decompressor has of its input at the moment: a buffer of fixed size over a stream.
class Window {
 public:
  explicit Window(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

  std::span<const std::byte> bytes() const { return std::span(buffer_).subspan(begin_, size_); }
  bool empty() const { return size_ == 0; }
  /// Whether the stream has nothing more; what the window holds is then the last.
  bool at_end() const { return at_end_; }
  /// The offset in the stream of the window's first byte.
  std::uint64_t offset() const { return offset_; }
  const ByteStream& stream() const { return *stream_; }

  void consume(std::size_t count);
  /// Reads until the window holds `count` bytes (at most kCapacity), or the stream ends.
  Result<void> fill(std::size_t count);

  static constexpr std::size_t kCapacity = std::size_t{64} << 10;

 private:
  std::unique_ptr<ByteStream> stream_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kCapacity);
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
  std::uint64_t offset_ = 0;
  bool at_end_ = false;
};

}  // namespace marey::source
