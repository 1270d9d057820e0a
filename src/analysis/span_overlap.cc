// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/span_overlap.h"

#include <algorithm>
#include <cstddef>

namespace marey::analysis {

SpanOverlap::SpanOverlap(const SpanUnion& spans) : spans_(spans.spans()) {
  before_.reserve(spans_.size());
  Duration sum = 0;
  for (const TimeSpan& span : spans_) {
    before_.push_back(sum);
    accumulate(sum, elapsed(span.start, span.end));
  }
}

Duration SpanOverlap::until(Time time) const {
  const auto next = std::ranges::upper_bound(spans_, time, {}, &TimeSpan::start);
  if (next == spans_.begin()) return 0;
  const auto last = static_cast<std::size_t>(next - spans_.begin()) - 1;
  Duration sum = before_[last];
  accumulate(sum, elapsed(spans_[last].start, std::min(time, spans_[last].end)));
  return sum;
}

}  // namespace marey::analysis
