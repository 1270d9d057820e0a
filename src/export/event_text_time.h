// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace marey::exporting {

enum class Zone { Local, UTC };

/// Appends a wall-clock time as RFC 3339 has it, with as many decimals as it takes (none to nine):
/// "2026-11-21T06:34:46.713009456Z", "2026-11-21T07:34:46+01:00".
///
/// Exactly what Go's time.Unix(sec, nsec).Format(time.RFC3339Nano) gives, for all arguments:
/// `nsec` may lie outside one second, and years that no calendar has wrap around as Go's do.
/// Zone::Local is the zone of the process (TZ, else the system's).
void append_wall_time(std::string& out, std::int64_t sec, std::int64_t nsec, Zone zone);

}  // namespace marey::exporting
