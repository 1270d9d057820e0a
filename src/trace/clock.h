// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "marey/trace.h"

#include "src/wire/tables.h"

namespace marey::trace {

/// When it was `time` by the clock snapshot of a generation; nothing where it has none.
std::optional<WallTime> wall_time(const wire::SyncRecord& sync, Time time);
/// The same by the monotonic clock, in nanoseconds.
std::optional<std::int64_t> monotonic_time(const wire::SyncRecord& sync, Time time);

}  // namespace marey::trace
