// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/span_union.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace marey::analysis {
namespace {

TEST(SpanUnion, UnitesWhatTouches) {
  SpanUnion spans;
  for (const auto& [start, end] : std::vector<TimeSpan>{
           {10, 20}, {30, 40}, {20, 25}, {50, 50}, {35, 38}, {5, 8}, {24, 30}, {60, 70}}) {
    spans.add(start, end);
  }
  EXPECT_EQ(spans.spans(), (std::vector<TimeSpan>{{5, 8}, {10, 40}, {60, 70}}));
}

// Pieces of the trace, with spans that reach back from one into the ones before.
TEST(SpanUnion, IsTheSameHoweverItIsMade) {
  std::mt19937 random(1);
  for (int round = 0; round < 40; round++) {
    const int count = 1 + static_cast<int>(random() % 20'000);
    const Time gap = 1 + static_cast<Time>(random() % 100);
    std::vector<TimeSpan> all;
    Time end = -500'000;
    for (int i = 0; i < count; i++) {
      end += static_cast<Time>(random() % static_cast<unsigned>(gap));
      const bool is_long = random() % 1000 == 0;
      const Time length = static_cast<Time>(random() % (is_long ? 1'000'000 : 40));
      all.push_back({end - length, end});
    }
    std::vector<TimeSpan> expected = all;
    std::erase_if(expected, [](const TimeSpan& span) { return span.start == span.end; });
    expected = SpanUnion::united(expected);

    std::vector<SpanUnion> pieces(1 + random() % 5);
    SpanUnion late;
    for (std::size_t i = 0; i < all.size(); i++) {
      SpanUnion& piece = random() % 500 == 0 ? late : pieces[i * pieces.size() / all.size()];
      piece.add(all[i].start, all[i].end);
    }
    while (pieces.size() > 1) {
      const std::size_t i = random() % (pieces.size() - 1);
      pieces[i].merge(pieces[i + 1]);
      pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
    pieces[0].merge(late);
    ASSERT_EQ(pieces[0].spans(), expected) << round;
  }
}

TEST(SpanUnion, TakesTimesThatAreCenturiesApart) {
  constexpr Time kLast = std::numeric_limits<Time>::max();
  SpanUnion spans;
  std::vector<TimeSpan> expected;
  for (Time at = -1000; at < 0; at += 2) {
    spans.add(at, at + 1);
    expected.push_back({at, at + 1});
  }
  spans.add(kLast - 2, kLast);
  expected.push_back({kLast - 2, kLast});
  EXPECT_EQ(spans.spans(), expected);
}

}  // namespace
}  // namespace marey::analysis
