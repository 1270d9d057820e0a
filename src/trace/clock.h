// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "marey/trace.h"
#include "src/wire/tables.h"

namespace marey::trace {

/// When it was `time` by the clock snapshot of a generation; nothing where it has none.
std::optional<WallTime> wall_time(const wire::SyncRecord& sync, Time time);

}  // namespace marey::trace
