// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "src/wire/event_types.h"
#include "src/wire/generation_layout.h"

namespace marey::wire {

/// Bytes of a trace that lie next to each other.
struct Window {
  std::span<const std::byte> bytes;
  std::uint64_t offset = 0;  ///< of the first byte in the trace
  bool is_last = true;       ///< nothing comes behind them

  std::uint64_t end() const { return offset + bytes.size(); }
  /// The bytes from this offset in the trace on; it lies in the window or at its end.
  std::span<const std::byte> from(std::uint64_t position) const {
    return bytes.subspan(position - offset);
  }
};

/// What one look at a place where a batch may begin finds.
struct BatchHead {
  enum class Outcome : std::uint8_t {
    Batch,
    EndMark,     ///< the end of a generation: an event of its own, one byte long
    EndOfInput,  ///< no byte left, or nothing but an experiment's type: Go takes both for the end
    Truncated,   ///< the head or the content ends early: more bytes, or an error
    Invalid,
  };
  Outcome outcome = Outcome::Invalid;
  std::string message;           ///< Go's, where truncated or invalid
  std::uint64_t start = 0;       ///< byte offset in the trace
  std::uint64_t generation = 0;  ///< the number of the generation that the batch says it is of
  BatchRef batch;                ///< of a truncated one: what could be read; size 0: not the head
  bool padded = false;           ///< the length takes as many bytes as a length can

  /// Byte offset behind the batch.
  std::uint64_t end() const { return batch.offset + batch.size; }
};

/// Looks at the offset `position` of the trace, which lies in the window or at its end.
BatchHead read_batch_head(const Window& window, std::uint64_t position, Version version);

/// Number of bytes at the front of a batch's content that are whole events or table records. Looks
/// no further than to the record with which there are `enough`.
std::size_t decodable_size(std::span<const std::byte> content,
                           std::size_t enough = std::numeric_limits<std::size_t>::max());

/// The kind of a batch whose content begins with this byte.
BatchKind kind_of_batch(std::byte first, std::uint8_t experiment, Version version);

}  // namespace marey::wire
