// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace marey::wire {

/// Longest encoding of a 64-bit unsigned varint, in bytes.
inline constexpr std::size_t kMaxVarintSize = 10;

/// Reads one unsigned LEB128 varint at `p`, byte by byte.
///
/// Returns the position behind it, or nullptr (with `value` untouched) when the bytes end first or
/// the value does not fit 64 bits, exactly where Go's binary.Uvarint fails. The plain decoder: the
/// fast one in event_decoder.h is checked against it.
inline const std::byte* read_varint(const std::byte* p, const std::byte* end,
                                    std::uint64_t& value) {
  std::uint64_t result = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (p == end) return nullptr;
    const auto byte = std::to_integer<std::uint64_t>(*p++);
    if (shift == 63 && byte > 1) return nullptr;
    result |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      value = result;
      return p;
    }
  }
  return nullptr;
}

/// Appends `value` as a varint to anything with push_back of bytes.
template <class Bytes>
void append_varint(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<typename Bytes::value_type>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<typename Bytes::value_type>(value));
}

/// Bytes that `value` takes as a varint.
constexpr std::size_t varint_size(std::uint64_t value) {
  return static_cast<std::size_t>((std::bit_width(value | 1) + 6) / 7);
}

}  // namespace marey::wire
