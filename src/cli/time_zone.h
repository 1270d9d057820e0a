// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace marey::cli {

/// Seconds that the time zone of the process (TZ, else the system's) is east of Greenwich at `sec`,
/// seconds since 1970-01-01 UTC. An exporting::LocalOffset.
std::int64_t local_offset(std::int64_t sec);

}  // namespace marey::cli
