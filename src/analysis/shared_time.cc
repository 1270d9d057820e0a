// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/shared_time.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace marey::analysis {

void SharedTime::add(const TimeSpan& span, std::span<const Time> borders) {
  const auto segment_of = [&](Time time) {
    return static_cast<std::size_t>(std::ranges::upper_bound(borders, time) - borders.begin());
  };
  first_ = std::min(first_, span.start);
  last_ = std::max(last_, span.end);
  const std::size_t first = segment_of(span.start);
  const std::size_t last = segment_of(span.end);
  if (first == last) {
    accumulate(segments_[first].time, elapsed(span.start, span.end));
    return;
  }
  accumulate(segments_[first].time, elapsed(span.start, borders[first]));
  accumulate(segments_[last].time, elapsed(borders[last - 1], span.end));
  if (last == first + 1) return;
  segments_[first + 1].through++;
  segments_[last].through--;
}

void SharedTime::merge(const SharedTime& next, std::size_t borders) {
  for (const auto& [number, more] : next.segments_) {
    Segment& segment = segments_[number + borders];
    accumulate(segment.time, more.time);
    segment.through += more.through;
  }
  first_ = std::min(first_, next.first_);
  last_ = std::max(last_, next.last_);
}

double SharedTime::with(const SpanOverlap& others, std::span<const Time> borders) const {
  std::vector<std::pair<std::size_t, Segment>> segments(segments_.begin(), segments_.end());
  std::ranges::sort(segments, {}, [](const auto& segment) { return segment.first; });
  double shared = 0;
  std::int64_t through = 0;
  std::size_t since = 0;  // the segment from which on they go through all
  for (const auto& [number, segment] : segments) {
    if (through > 0) {
      const Duration both = others.of({borders[since - 1], borders[number - 1]});
      shared += static_cast<double>(through) * static_cast<double>(both);
    }
    through += segment.through;
    since = number;
    const TimeSpan span{number == 0 ? first_ : borders[number - 1],
                        number == borders.size() ? last_ : borders[number]};
    if (span.start >= span.end) continue;
    const double part =
        static_cast<double>(others.of(span)) / static_cast<double>(elapsed(span.start, span.end));
    shared += part * static_cast<double>(segment.time);
  }
  return shared;
}

}  // namespace marey::analysis
