// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace marey::exporting {

/// Seconds east of Greenwich at a moment, given in seconds since 1970-01-01 UTC.
using LocalOffset = std::int64_t (*)(std::int64_t sec);

/// Says what Zone::Local is. The library does not look at the environment, so that it is the
/// program that knows; until it has said so, Zone::Local is UTC. The function may be called on any
/// thread.
void set_local_offset(LocalOffset offset);

enum class Zone { Local, UTC };

/// Appends a wall-clock time as RFC 3339 has it, with as many decimals as it takes (none to nine):
/// "2026-11-21T06:34:46.713009456Z", "2026-11-21T07:34:46+01:00".
///
/// Exactly what Go's time.Unix(sec, nsec).Format(time.RFC3339Nano) gives, for all arguments:
/// `nsec` may lie outside one second, and years that no calendar has wrap around as Go's do.
void append_wall_time(std::string& out, std::int64_t sec, std::int64_t nsec, Zone zone);

}  // namespace marey::exporting
