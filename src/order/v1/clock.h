// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "marey/ids.h"

namespace marey::order::v1 {

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
