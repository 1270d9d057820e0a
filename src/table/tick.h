// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "marey/ids.h"

#include "src/table/table.h"

namespace marey::table {

/// Where an axis of values has its marks: multiples of a round number, in order, that begin at or
/// below `least` and end at or above `greatest`, but for rounding errors; two to six of them, or
/// one where both are 0. `type` says what is round: for bytes a power of two.
std::vector<double> value_ticks(double least, double greatest, ColumnType type);

/// Where an axis of time has its marks: multiples of a round length of time from `begin` to `end`,
/// in nanoseconds; six at most. Of less than a nanosecond `begin` alone.
std::vector<Duration> time_ticks(Duration begin, Duration end);

}  // namespace marey::table
