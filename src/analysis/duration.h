// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include "marey/ids.h"

namespace marey::analysis {

// Damaged traces have times that are centuries apart: what does not fit stays at the greatest
// value.

/// Nanoseconds from `start` to `end`, which is not before it.
inline Duration elapsed(Time start, Time end) {
  Duration duration = 0;
  if (__builtin_sub_overflow(end, start, &duration)) [[unlikely]] {
    return std::numeric_limits<Duration>::max();
  }
  return duration;
}

/// Adds to a sum of durations, none of which is negative.
inline void accumulate(Duration& sum, Duration more) {
  if (__builtin_add_overflow(sum, more, &sum)) [[unlikely]] {
    sum = std::numeric_limits<Duration>::max();
  }
}

}  // namespace marey::analysis
