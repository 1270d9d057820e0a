// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "marey/ids.h"
#include "marey/trace.h"

namespace marey::cli {

/// What moments that people write are counted from.
struct TraceStart {
  Time time = 0;                 ///< of the first event, on the trace's clock
  std::optional<WallTime> wall;  ///< the same; traces of Go before 1.25 do not tell
};

/// A moment in a trace as people write it.
struct Moment {
  enum class Since : std::uint8_t {
    Clock,     ///< the trace clock's own nanoseconds
    Start,     ///< "1.5s" after the trace's start
    Midnight,  ///< "14:23:42.1" by the wall clock, in the time zone of the process
  };
  Since since = Since::Clock;
  std::int64_t nanoseconds = 0;

  /// On the trace's clock; nothing if that takes a wall clock and the trace has none. A time of day
  /// is that of the trace's first day or, where that lies more than twelve hours before its start,
  /// of the day after. Saturates: damaged traces can start at any time.
  std::optional<Time> on_clock(const TraceStart& start) const;
};

/// What to say of a flag whose moment is not likely to mean what it says: people who write 2 mean
/// seconds more often than nanoseconds on a clock that began long ago. "": nothing.
std::string doubt_about(std::string_view flag, const std::optional<Moment>& moment, Time start);

}  // namespace marey::cli
