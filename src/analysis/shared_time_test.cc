// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/shared_time.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <span>
#include <vector>

namespace marey::analysis {
namespace {

/// Spans that some random numbers make, in the order of their ends, in up to 1000 ns.
std::vector<TimeSpan> random_spans(std::mt19937& random, std::size_t count) {
  std::vector<TimeSpan> spans;
  for (std::size_t i = 0; i < count; i++) {
    const Time start = static_cast<Time>(random() % 900);
    spans.push_back({start, start + 1 + static_cast<Time>(random() % 100)});
  }
  std::ranges::sort(spans, {}, &TimeSpan::end);
  return spans;
}

TEST(SharedTime, IsThatOfEachSpan) {
  for (unsigned seed = 1; seed <= 50; seed++) {
    std::mt19937 random(seed);
    SpanUnion few;
    std::vector<Time> borders;
    for (const TimeSpan& span : random_spans(random, random() % 8)) {
      few.add(span.start, span.end);
      borders.push_back(span.start);
      borders.push_back(span.end);
    }
    std::ranges::sort(borders);
    const SpanOverlap overlap(few);
    SharedTime whole;
    // The same from two pieces that meet at 500; what crosses comes when they are merged.
    const auto cut =
        static_cast<std::size_t>(std::ranges::lower_bound(borders, 500) - borders.begin());
    const std::span<const Time> all(borders);
    SharedTime left;
    SharedTime right;
    std::vector<TimeSpan> crossing;
    Duration want = 0;
    for (const TimeSpan& span : random_spans(random, 40)) {
      want += overlap.of(span);
      whole.add(span, borders);
      if (span.end < 500) {
        left.add(span, all.first(cut));
      } else if (span.start >= 500) {
        right.add(span, all.subspan(cut));
      } else {
        crossing.push_back(span);
      }
    }
    left.merge(right, cut);
    for (const TimeSpan& span : crossing) left.add(span, borders);
    EXPECT_NEAR(whole.with(overlap, borders), static_cast<double>(want), 1e-6) << seed;
    EXPECT_NEAR(left.with(overlap, borders), static_cast<double>(want), 1e-6) << seed;
  }
}

}  // namespace
}  // namespace marey::analysis
