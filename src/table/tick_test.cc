// SPDX-License-Identifier: Apache-2.0
#include "src/table/tick.h"

#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace marey::table {
namespace {

using Values = std::vector<double>;
using Times = std::vector<Duration>;

TEST(Ticks, OfValuesAreRound) {
  EXPECT_EQ((Values{0, 1, 2, 3, 4}), value_ticks(0, 3.9, ColumnType::Real));
  EXPECT_EQ((Values{0, 0.5, 1}), value_ticks(0, 1, ColumnType::Real));
  EXPECT_EQ((Values{0, 50, 100}), value_ticks(0, 100, ColumnType::Percent));
  EXPECT_EQ((Values{-5, 0, 5, 10}), value_ticks(-3, 8, ColumnType::Real));
  EXPECT_EQ((Values{0, 1024, 2048, 3072}), value_ticks(0, 3000, ColumnType::Bytes));
  EXPECT_EQ((Values{0, 1, 2}), value_ticks(0, 2, ColumnType::Duration));
  EXPECT_EQ((Values{0}), value_ticks(0, 0, ColumnType::Real));
}

TEST(Ticks, ARoundingErrorMakesNoStep) {
  EXPECT_EQ((Values{0, 0.5, 1, 1.5, 2}), value_ticks(0, 2.0000000001, ColumnType::Real));
}

TEST(Ticks, CoverAnyValues) {
  for (double greatest = 1e-9; greatest < 1e18; greatest *= 1.7) {
    for (const ColumnType type : {ColumnType::Real, ColumnType::Bytes, ColumnType::Duration}) {
      const Values ticks = value_ticks(0, greatest, type);
      EXPECT_GE(ticks.size(), 2u) << greatest;
      EXPECT_LE(ticks.size(), 6u) << greatest;
      EXPECT_LE(ticks.front(), 0);
      EXPECT_GE(ticks.back(), greatest * (1 - 1e-5)) << greatest;
    }
  }
}

TEST(Ticks, OfTimeAreRound) {
  EXPECT_EQ((Times{0, 5'000'000, 10'000'000, 15'000'000}), time_ticks(0, 18'983'745));
  EXPECT_EQ((Times{1'200'000'000, 1'400'000'000, 1'600'000'000}),
            time_ticks(1'150'000'000, 1'700'000'000));
  constexpr Duration kMinute = 60'000'000'000;
  EXPECT_EQ((Times{0, kMinute, 2 * kMinute, 3 * kMinute, 4 * kMinute}),
            time_ticks(0, 4 * kMinute + 1));
  EXPECT_EQ((Times{7}), time_ticks(7, 7));
  EXPECT_EQ((Times{7}), time_ticks(7, 3));
}

TEST(Ticks, OfAnyTimeAreFew) {
  constexpr Duration kLast = std::numeric_limits<Duration>::max();
  for (const Duration begin : {Duration{-1'000'000}, Duration{0}, Duration{123'456'789}}) {
    for (Duration length = 1; length < kLast / 4; length *= 3) {
      const Times ticks = time_ticks(begin, begin + length);
      EXPECT_LE(ticks.size(), 6u) << length;
      EXPECT_GE(ticks.size(), 1u) << length;
      EXPECT_GE(ticks.front(), begin);
      EXPECT_LE(ticks.back(), begin + length);
    }
  }
  EXPECT_FALSE(time_ticks(-kLast, kLast).empty());
  EXPECT_LE(time_ticks(0, kLast).size(), 6u);
}

}  // namespace
}  // namespace marey::table
