// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "marey/ids.h"

namespace marey::order::v1 {

/// What a tick is taken for if the trace does not say: 64 cycles, as on amd64, here of a processor
/// of 2.5 GHz.
inline constexpr std::int64_t kUsualFrequency = 2'500'000'000 / 64;

/// Whether any machine's trace clock ticks like that, in ticks a second.
constexpr bool is_plausible_frequency(std::int64_t frequency) {
  return frequency >= 1000 && frequency <= 1'000'000'000'000;
}

/// A longer time without any event is no part of a trace but a damaged time stamp.
inline constexpr std::int64_t kLongestPauseSeconds = 86'400;

/// Ticks to nanoseconds since the trace's first event, computed as Go's reader does.
struct Clock {
  std::int64_t first_ticks = 0;
  double nanoseconds_per_tick = 1;

  Time time(std::int64_t ticks) const {
    const auto since = static_cast<std::int64_t>(static_cast<std::uint64_t>(ticks) -
                                                 static_cast<std::uint64_t>(first_ticks));
    const double time = static_cast<double>(since) * nanoseconds_per_tick;
    if (time < 9223372036854775808.0 && time >= -9223372036854775808.0) [[likely]] {
      return static_cast<Time>(time);
    }
    return INT64_MIN;  // what the conversion gives on amd64
  }
};

}  // namespace marey::order::v1
