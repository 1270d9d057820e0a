// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace marey::base {

/// a + b as Go's integers add: what does not fit wraps. For numbers that a hostile trace may
/// choose.
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// a - b, likewise.
constexpr std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace marey::base
