// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "marey/health.h"

#include "src/base/json_writer.h"
#include "src/cli/console.h"

namespace marey::cli {

/// What a trace is that has no event but Sync events, in a sentence.
inline constexpr std::string_view kNoEventsButSync =
    "The trace has no events but Sync events: the program ended before the first flush, or nothing "
    "happened.";

/// Says on standard error what is damaged, one line for each kind of defect and a hint, and returns
/// the exit status: kExitFailure if the trace is of no use, which is when it has no event but Sync
/// events.
int report_health(std::string_view name, const Health& health, std::uint64_t useful_events,
                  Console& console);

/// One defect in a line: sentence, number, place of the first one, what was lost.
std::string defect_line(Defect defect, const Health& health);

/// Writes the health as one JSON object (see docs/commands.md). What was not read to the end is not
/// known to be whole.
void write_json(base::JsonWriter& json, const Health& health, bool read_to_the_end);

}  // namespace marey::cli
