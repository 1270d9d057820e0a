// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/wire/v1/event_types.h"

namespace marey::wire::v1 {

/// Bytes that the fast routines below may read behind a record's first byte: the length, six
/// varints of ten bytes, and the rest of the last load.
inline constexpr std::size_t kDecodeSlack = 80;

/// Eight bytes, the first one lowest.
inline std::uint64_t load8(const std::byte* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// The high bit of each byte of `word` that ends a varint.
constexpr std::uint64_t varint_ends(std::uint64_t word) { return ~word & 0x8080808080808080; }

/// Decodes one varint without looking at the end of the bytes: reads up to 16 bytes. For bytes
/// that the plain decoder has accepted the result is the same; for others it is some value, and
/// the position is at most ten bytes on.
inline const std::byte* decode_varint(const std::byte* p, std::uint64_t& value) {
  const std::uint64_t word = load8(p);
  if ((word & 0x80) == 0) {
    value = word & 0x7f;
    return p + 1;
  }
  if ((word & 0x8000) == 0) {
    value = (word & 0x7f) | ((word >> 1) & 0x3f80);
    return p + 2;
  }
  const std::uint64_t ends = varint_ends(word);
  // The bytes up to the first end (all eight if there is none), without their high bits, then
  // pushed together: pairs of 7 bits, of 14, of 28.
  std::uint64_t bits = word & (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7f;
  bits = ((bits & 0x7f007f007f007f00) >> 1) | (bits & 0x007f007f007f007f);
  bits = ((bits & 0x3fff00003fff0000) >> 2) | (bits & 0x00003fff00003fff);
  bits = ((bits & 0x0fffffff00000000) >> 4) | (bits & 0x000000000fffffff);
  if (ends != 0) [[likely]] {
    value = bits;
    return p + (std::countr_zero(ends) >> 3) + 1;
  }
  const auto ninth = std::to_integer<std::uint64_t>(p[8]);
  bits |= (ninth & 0x7f) << 56;
  if (ninth < 0x80) {
    value = bits;
    return p + 9;
  }
  value = bits | (std::to_integer<std::uint64_t>(p[9]) & 1) << 63;
  return p + 10;
}

/// The same for time deltas, which have one or two bytes as it happens: no branch between these.
inline const std::byte* decode_delta(const std::byte* p, std::uint64_t& value) {
  const std::uint64_t word = load8(p);
  if ((word & 0x8080) == 0x8080) [[unlikely]]
    return decode_varint(p, value);
  const std::uint64_t second = (word >> 7) & 1;
  value = (word & 0x7f) | ((word >> 1) & 0x3f80 & (0 - second));
  return p + 1 + second;
}

/// What the skimming of a timed event needs to know, by its first byte.
struct SkimAction {
  std::uint8_t varints = 0;  ///< 0: only the plain reader knows
  bool length_prefixed = false;
};

/// For each first byte whether it begins an event of `version` with the right number of arguments.
constexpr SkimAction skim_action(std::uint8_t first, Version version) {
  const auto type = static_cast<EventType>(first & 63);
  const EventSpec& spec = spec_of(type);
  if (spec.layout != Layout::Timed || !known(type, version)) return {};
  const unsigned count = (first >> 6) + 1U;
  if (count > 3) return {spec.wire_count, true};
  return count == spec.wire_count ? SkimAction{spec.wire_count, false} : SkimAction{};
}

/// Goes over a timed event with the right number of well-formed arguments: the position behind
/// it, or nullptr when it is anything else or unusual, which the plain reader then decides.
/// Reads up to 24 bytes.
inline const std::byte* skim_event(const std::byte* p, SkimAction action) {
  if (!action.length_prefixed) {
    std::uint64_t ends = varint_ends(load8(p + 1));
    if (action.varints > 2) ends &= ends - 1;
    if (action.varints > 1) ends &= ends - 1;
    if (ends == 0 || action.varints == 0) return nullptr;
    return p + 2 + (std::countr_zero(ends) >> 3);
  }
  const auto size = std::to_integer<unsigned>(p[1]);
  if (size - 1U >= 16U) return nullptr;
  // As many ends as varints, one of them at the last byte, and none longer than eight bytes.
  const unsigned low_bytes = size < 8 ? size : 8;
  const std::uint64_t low = varint_ends(load8(p + 2)) << (8 * (8 - low_bytes));
  auto count = static_cast<unsigned>(std::popcount(low));
  bool closed = (low >> 63) != 0;
  if (size > 8) {
    const std::uint64_t high = varint_ends(load8(p + 10)) << (8 * (16 - size));
    if (low == 0) return nullptr;
    if (std::countl_zero(low) / 8 + std::countr_zero(high) / 8 - static_cast<int>(16 - size) >= 8) {
      return nullptr;
    }
    count += static_cast<unsigned>(std::popcount(high));
    closed = (high >> 63) != 0;
  }
  return closed && count == action.varints ? p + 2 + size : nullptr;
}

/// Steps over events of a version as fast as it goes.
class EventSkimmer {
 public:
  explicit EventSkimmer(Version version) {
    for (unsigned first = 0; first < actions_.size(); first++) {
      actions_[first] = skim_action(static_cast<std::uint8_t>(first), version);
    }
  }

  /// The position behind the run of timed events that begins at `p`: it stops at whatever is
  /// unusual or no event, or less than kDecodeSlack bytes before `end`.
  const std::byte* skip_events(const std::byte* p, const std::byte* end) const {
    while (end - p > static_cast<std::ptrdiff_t>(kDecodeSlack)) {
      const std::byte* const next = skim_event(p, actions_[std::to_integer<std::uint8_t>(*p)]);
      if (next == nullptr) break;
      p = next;
    }
    return p;
  }

 private:
  std::array<SkimAction, 256> actions_;
};

}  // namespace marey::wire::v1
