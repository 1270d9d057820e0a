// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/garbage_collection.h"

#include <gtest/gtest.h>
#include <string_view>
#include <vector>

namespace marey::analysis {
namespace {

RangeInterval range(RangeKind kind, Time start, Time end, Edge end_edge = Edge::Seen) {
  RangeInterval range;
  range.kind = kind;
  range.start = start;
  range.end = end;
  range.end_edge = end_edge;
  range.swept = 10;
  return range;
}

// As a mark phase whose end is lost, and which ends, for all that is known, with the next one.
TEST(GarbageCollection, MeasuresNothingOfWhichDamageHidesAnEnd) {
  const std::vector ranges{
      range(RangeKind::Mark, 100, 140),
      range(RangeKind::Mark, 200, 900, Edge::Guess),
      range(RangeKind::Mark, 900, 920, Edge::Trace),
      range(RangeKind::Assist, 100, 103),
      range(RangeKind::Assist, 200, 800, Edge::Damage),
      range(RangeKind::Sweep, 150, 151),
      range(RangeKind::Sweep, 300, 850, Edge::Guess),
  };
  GarbageCollection analysis;
  analysis.ranges(ranges);
  const Vocabulary vocabulary;
  Findings findings;
  analysis.finish({0, 1000, vocabulary}, findings);
  ASSERT_EQ(findings.tables.size(), 1u);
  const table::Table& table = findings.tables[0];
  ASSERT_EQ(table.row_count(), 1u);
  const auto value = [&](std::string_view name) {
    for (std::size_t i = 0; i < table.columns().size(); i++) {
      if (table.columns()[i].name == name) return table.value(i, 0);
    }
    return table::Value{};
  };
  EXPECT_EQ(value("cycles"), table::Value{3});
  EXPECT_EQ(value("mark"), table::Value{60});
  EXPECT_EQ(value("mark_share"), table::Value{6.0});
  EXPECT_EQ(value("mark_max"), table::Value{40});
  EXPECT_EQ(value("assists"), table::Value{1});
  EXPECT_EQ(value("assist"), table::Value{3});
  EXPECT_EQ(value("sweeps"), table::Value{1});
  EXPECT_EQ(value("sweep"), table::Value{1});
  EXPECT_EQ(value("swept"), table::Value{10});
}

}  // namespace
}  // namespace marey::analysis
