// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "marey/ids.h"

#include "src/analysis/scope.h"
#include "src/base/json_writer.h"
#include "src/index/pass.h"

namespace marey::cli {

/// Nanoseconds on the trace's clock.
struct TimeRange {
  Time begin;
  Time end;
};

/// For people who read tables about a range.
inline constexpr std::string_view kWhatCrossesRange =
    "Of what goes beyond the time that was asked for, sums have the part within; distributions, "
    "and "
    "lists one by one that do not say otherwise, have whole what ends within.";

/// What of the trace's time --from and --to have asked for; nothing: they were not given.
std::optional<TimeRange> range_of(const analysis::Scope& scope, const index::PassResult& result);

/// The same as the field "range" of a JSON object; null: they were not given.
void write_range(base::JsonWriter& json, const analysis::Scope& scope,
                 const index::PassResult& result);

}  // namespace marey::cli
