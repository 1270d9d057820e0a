// SPDX-License-Identifier: Apache-2.0
#include "src/cli/time_range.h"

#include <algorithm>

namespace marey::cli {

std::optional<TimeRange> range_of(const analysis::Scope& scope, const index::PassResult& result) {
  if (!scope.has_range()) return std::nullopt;
  return TimeRange{std::max(scope.begin(), result.first_time),
                   std::min(scope.end(), result.last_time)};
}

void write_range(base::JsonWriter& json, const analysis::Scope& scope,
                 const index::PassResult& result) {
  json.key("range");
  const std::optional<TimeRange> range = range_of(scope, result);
  if (!range) {
    json.null();
    return;
  }
  json.begin_object();
  // Of nothing, one moment.
  json.field("begin", std::min(range->begin, range->end)).field("end", range->end);
  json.end_object();
}

}  // namespace marey::cli
