// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/wire/event_types.h"
#include "src/wire/varint.h"

namespace marey::wire {

/// A timed event as it stands in a batch.
struct TimedEvent {
  EventType type = EventType::None;
  std::uint64_t delta = 0;              ///< ticks since the thread's event before
  std::array<std::uint64_t, 4> args{};  ///< the first spec.arg_count - 1 are set by decoding
};

enum class DecodeFault : std::uint8_t { None, InvalidType, NoTimestamp, BadTimestamp, BadArgument };

/// Bytes that must be readable behind the end of what decode_event_fast() is given.
inline constexpr std::size_t kDecodeSlack = 16;

namespace internal {

/// For each type: how many varints follow it, 0 where no timed event has this type.
inline constexpr std::array<std::uint8_t, 256> kVarintCounts = [] {
  std::array<std::uint8_t, 256> counts{};
  for (std::size_t i = 0; i < counts.size(); i++) {
    if (kEventSpecs[i].timed()) counts[i] = kEventSpecs[i].arg_count;
  }
  return counts;
}();

}  // namespace internal

/// Decodes the event at `p` byte by byte. Returns the position behind it, or nullptr with `fault`
/// set. Needs p < end. The plain decoder: it alone says what is wrong, and it watches the fast one.
inline const std::byte* decode_event_plain(const std::byte* p, const std::byte* end,
                                           TimedEvent& event, DecodeFault& fault) {
  const auto type = static_cast<std::uint8_t>(*p++);
  if (type >= kEventTypeCount) {
    fault = DecodeFault::InvalidType;
    return nullptr;
  }
  event.type = static_cast<EventType>(type);
  const unsigned count = internal::kVarintCounts[type];
  if (count == 0) {
    fault = DecodeFault::NoTimestamp;
    return nullptr;
  }
  p = read_varint(p, end, event.delta);
  if (p == nullptr) {
    fault = DecodeFault::BadTimestamp;
    return nullptr;
  }
  for (unsigned i = 0; i + 1 < count; i++) {
    p = read_varint(p, end, event.args[i]);
    if (p == nullptr) {
      fault = DecodeFault::BadArgument;
      return nullptr;
    }
  }
  return p;
}

/// Reads a varint of up to eight bytes, and up to that many bytes whatever it has; false: a longer
/// one, `p` has not moved.
///
/// Nearly every varint has one or two bytes, so those two lengths are told apart by branches that
/// the processor predicts well; longer ones are gathered from one 8-byte load without a loop.
[[gnu::always_inline]] inline bool read_varint_fast(const std::byte*& p, std::uint64_t& value) {
  const auto first = static_cast<std::uint64_t>(p[0]);
  if (first < 0x80) {
    value = first;
    p += 1;
    return true;
  }
  const auto second = static_cast<std::uint64_t>(p[1]);
  if (second < 0x80) {
    value = (first & 0x7f) | second << 7;
    p += 2;
    return true;
  }
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  const std::uint64_t stops = ~word & 0x8080808080808080u;
  if (stops == 0) return false;
  word &= stops ^ (stops - 1);
  word &= 0x7f7f7f7f7f7f7f7fu;
  word = (word & 0x007f007f007f007fu) | (word & 0x7f007f007f007f00u) >> 1;
  word = (word & 0x00003fff00003fffu) | (word & 0x3fff00003fff0000u) >> 2;
  word = (word & 0x000000000fffffffu) | (word & 0x0fffffff00000000u) >> 4;
  value = word;
  p += (std::countr_zero(stops) + 1) / 8;
  return true;
}

/// Decodes the event at `p`, reading up to kDecodeSlack bytes beyond `end`. Returns nullptr where
/// it does not know how to go on: the plain decoder then decides.
inline const std::byte* decode_event_fast(const std::byte* p, const std::byte* end,
                                          TimedEvent& event) {
  const auto type = static_cast<std::uint8_t>(*p++);
  event.type = static_cast<EventType>(type);
  const unsigned count = internal::kVarintCounts[type];
  if (count == 0) [[unlikely]]
    return nullptr;
  if (!read_varint_fast(p, event.delta)) [[unlikely]]
    return nullptr;
  // At most ten bytes have been read past `end` before this notices.
  for (unsigned i = 0; i + 1 < count; i++) {
    if (p >= end) [[unlikely]]
      return nullptr;
    if (!read_varint_fast(p, event.args[i])) [[unlikely]]
      return nullptr;
  }
  return p <= end ? p : nullptr;
}

}  // namespace marey::wire
