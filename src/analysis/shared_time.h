// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "marey/ids.h"

#include "src/analysis/duration.h"
#include "src/analysis/span_overlap.h"
#include "src/analysis/span_union.h"

namespace marey::analysis {

/// How much time many spans, each counted for itself, share with others that are few, without
/// remembering the spans.
///
/// Borders cut time into segments: wherever one of the few begins or ends there is one. Of the many
/// it is enough to know how much of their time lies in which segment: what they cut off at their
/// ends (`time`), and how many go through all of it (`through`, as differences to the segment
/// before). Memory: 40 bytes for each segment in which some of the many begin or end.
class SharedTime {
 public:
  /// `borders`: all up to the span's end, in order, and maybe more.
  void add(const TimeSpan& span, std::span<const Time> borders);
  /// Takes over those of the following piece, which has `borders` before it.
  void merge(const SharedTime& next, std::size_t borders);

  /// What is shared with the spans of a union, ns; once `borders` are all that there are.
  double with(const SpanOverlap& others, std::span<const Time> borders) const;

 private:
  struct Segment {
    Duration time = 0;
    std::int64_t through = 0;
  };

  boost::unordered_flat_map<std::size_t, Segment> segments_;
  // Of all spans: the first segment begins there, and the last one ends there.
  Time first_ = std::numeric_limits<Time>::max();
  Time last_ = std::numeric_limits<Time>::min();
};

}  // namespace marey::analysis
