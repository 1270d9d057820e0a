// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "marey/error.h"

#include "src/source/byte_stream.h"

namespace marey::source {

enum class Compression { None, Gzip, Zstd };

/// As many bytes of the front as detect_compression needs to be sure.
inline constexpr std::size_t kMagicLength = 4;

/// What the first bytes say: gzip begins with 1f 8b, zstd with 28 b5 2f fd.
Compression detect_compression(std::span<const std::byte> front);

/// The content of gzip data (RFC 1952): one member or several in a row. What follows the last one
/// is ignored if it is zeros (padding), and else ignored with a warning. Data that ends early or is
/// damaged gives an error that says where (it does not name the stream, as the caller's words about
/// it do), after everything before that place was delivered.
std::unique_ptr<ByteStream> gunzip(std::unique_ptr<ByteStream> compressed);

/// The same for zstd data (RFC 8878): one frame or several, skippable ones included. A frame may
/// ask for a window of 128 MiB at most, the limit of the zstd command.
std::unique_ptr<ByteStream> unzstd(std::unique_ptr<ByteStream> compressed);

/// The content of a stream, decompressed if its first bytes say that it is compressed. Waits for
/// those bytes. One layer only: what comes out is not looked at.
Result<std::unique_ptr<ByteStream>> decompress(std::unique_ptr<ByteStream> stream);

}  // namespace marey::source
