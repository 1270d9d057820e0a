// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "marey/ids.h"

namespace marey::cli {

/// A moment in a trace as people write it: "1.5s" after the trace's start, or the trace clock's
/// own nanoseconds.
struct Moment {
  bool relative = false;
  std::int64_t nanoseconds = 0;

  /// Saturates: damaged traces can start at any time.
  Time on_clock(Time start) const {
    Time time = 0;
    if (!relative) return nanoseconds;
    if (__builtin_add_overflow(start, nanoseconds, &time)) return std::numeric_limits<Time>::max();
    return time;
  }
};

enum class Color : std::uint8_t { Auto, Always, Never };

/// What the flags of all commands say; each command looks at those that its row of the table lists.
struct Options {
  std::vector<std::string> operands;

  bool help = false;
  bool version = false;
  bool json = false;
  bool strict = false;
  bool count = false;
  bool stacks = false;
  unsigned threads = 0;      ///< 0: as many as the machine has
  std::uint64_t memory = 0;  ///< bytes; 0: no bound
  Color color = Color::Auto;
  std::optional<unsigned> top;  ///< rows of a table
  unsigned width = 0;           ///< columns; 0: the terminal's
  std::optional<Moment> from;
  std::optional<Moment> to;
  std::optional<GoID> goroutine;
  std::uint32_t kinds = 0;  ///< of events: a bit for each EventKind; 0: all

  // Those of `go tool trace`; empty: not given.
  std::string debug;
  std::string pprof;
  std::string http;
};

}  // namespace marey::cli
