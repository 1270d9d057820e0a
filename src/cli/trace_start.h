// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "marey/error.h"
#include "marey/event.h"

#include "src/cli/moment.h"

namespace marey::cli {

/// What to say where a time of day is asked for.
inline constexpr std::string_view kNoWallClock =
    "the trace does not tell the wall clock's time, as those of Go 1.25 and later do; give --from "
    "and --to as times since its start, like 1.5s";

/// A time of a trace in two ways that --from and --to understand. `start`: of the trace.
std::string place_of(Time time, Time start);

/// By the trace's first event.
TraceStart start_of(const Event& first);

/// The same of a trace that is opened for it. Errors: see Reader::open(); a trace without events
/// begins at 0.
Result<TraceStart> read_start(const std::string& path);

}  // namespace marey::cli
