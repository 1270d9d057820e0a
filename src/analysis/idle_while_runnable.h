// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/span_union.h"

namespace marey::analysis {

/// Adds the tables and the chart of the times during which some proc was idle while goroutines were
/// runnable, exactly: of the time in which goroutines were runnable that in which a proc was idle,
/// without that in which the world was stopped, when no proc may take a goroutine. `idle` and
/// `stopped` are in order and apart.
///
/// Takes time linear in the spans.
void add_idle_while_runnable(const SpanUnion& runnable, std::span<const TimeSpan> idle,
                             std::span<const TimeSpan> stopped, const TraceContext& context,
                             Findings& findings);

}  // namespace marey::analysis
