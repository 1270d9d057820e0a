// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/order/scheduler.h"

namespace marey::index {

/// Whether all that a derived run took for granted is true of `before`, the state in which the
/// generation before ended. If so, `after`, the state in which the derived run ended, becomes what
/// a run from `before` would have ended in (and `before` is used up), and the ended goroutines get
/// the regions that they had open from before; else all are unchanged.
///
/// Why this is exact: a derived run differs from a carried one only in how it treats goroutines,
/// procs, threads and phases that it has not met. Events with sequence numbers cannot happen before
/// a status of the same generation in either; all others either note what they assume or fail. So
/// if the assumptions hold, and nothing that is alive in `before` went unmentioned, each step had
/// the same outcome.
bool commit(order::State& before, order::State& after, order::Assumptions& assumptions);

}  // namespace marey::index
