// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "src/analysis/duration.h"
#include "src/analysis/span_union.h"

namespace marey::analysis {

/// How much time spans share with those of a union, each by two searches.
class SpanOverlap {
 public:
  explicit SpanOverlap(const SpanUnion& spans);
  Duration of(const TimeSpan& span) const { return until(span.end) - until(span.start); }

 private:
  /// Time in the union before a moment.
  Duration until(Time time) const;

  std::vector<TimeSpan> spans_;
  std::vector<Duration> before_;  // of each span: the sum of those before it
};

}  // namespace marey::analysis
