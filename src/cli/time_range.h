// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

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

/// What of the trace's time --from and --to have asked for; nothing: they were not given.
std::optional<TimeRange> range_of(const analysis::Scope& scope, const index::PassResult& result);

/// The same as the field "range" of a JSON object; null: they were not given.
void write_range(base::JsonWriter& json, const analysis::Scope& scope,
                 const index::PassResult& result);

}  // namespace marey::cli
