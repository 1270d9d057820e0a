// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/gauge.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <utility>
#include <vector>

namespace marey::analysis {
namespace {

using Told = std::vector<std::pair<Time, std::uint64_t>>;

Told some_values(unsigned seed, Time length) {
  std::mt19937_64 random(seed);
  Told told;
  for (int i = 0; i < 500; i++) {
    told.emplace_back(static_cast<Time>(random() % static_cast<std::uint64_t>(length)),
                      random() % 1000);
  }
  std::ranges::stable_sort(told, {}, &Told::value_type::first);
  return told;
}

void expect_same(const Gauge& a, const Gauge& b, Time length) {
  EXPECT_EQ(a.least(), b.least());
  EXPECT_EQ(a.greatest(), b.greatest());
  EXPECT_EQ(a.first(), b.first());
  EXPECT_EQ(a.last(), b.last());
  const std::vector<double> values = a.values(0, length, 50);
  const std::vector<double> others = b.values(0, length, 50);
  ASSERT_EQ(values.size(), others.size());
  for (std::size_t i = 0; i < values.size(); i++) {
    EXPECT_TRUE(values[i] == others[i] || (std::isnan(values[i]) && std::isnan(others[i]))) << i;
  }
}

TEST(Gauge, KeepsWhatWasToldLast) {
  Gauge gauge;
  gauge.add(4096, 10);
  gauge.add(4096 + 1024, 30);
  gauge.add(4096 + 1025, 20);
  const std::vector<double> values = gauge.values(0, 8192, 8);
  ASSERT_EQ(values.size(), 8u);
  for (std::size_t i = 0; i < 4; i++) EXPECT_TRUE(std::isnan(values[i])) << i;
  EXPECT_EQ(values[4], 10);
  EXPECT_EQ(values[5], 30);  // the greatest in this part
  EXPECT_EQ(values[6], 20);
  EXPECT_EQ(values[7], 20);
  EXPECT_EQ(gauge.first(), 10u);
  EXPECT_EQ(gauge.last(), 20u);
  EXPECT_EQ(gauge.least(), 10u);
  EXPECT_EQ(gauge.greatest(), 30u);
}

TEST(Gauge, IsTheSameMergedFromPieces) {
  for (const Time length : {Time{100'000}, Time{50'000'000}, Time{3'600'000'000'000}}) {
    for (unsigned seed = 0; seed < 20; seed++) {
      const Told told = some_values(seed, length);
      Gauge whole;
      for (const auto& [time, value] : told) whole.add(time, value);
      Gauge left;
      Gauge right;
      const std::size_t cut = seed * told.size() / 20;
      for (std::size_t i = 0; i < told.size(); i++) {
        (i < cut ? left : right).add(told[i].first, told[i].second);
      }
      left.merge(right);
      expect_same(left, whole, length);
    }
  }
}

}  // namespace
}  // namespace marey::analysis
