// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/series.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace marey::analysis {
namespace {

using Intervals = std::vector<std::pair<Time, Time>>;

Intervals some_intervals(unsigned seed, Time length) {
  std::mt19937_64 random(seed);
  Intervals intervals;
  for (int i = 0; i < 500; i++) {
    const auto start = static_cast<Time>(random() % static_cast<std::uint64_t>(length));
    const auto longest = static_cast<std::uint64_t>(length - start) >> (random() % 20);
    intervals.emplace_back(start, start + static_cast<Time>(random() % (longest + 1)));
  }
  return intervals;
}

/// What means() would be if nothing were lost in buckets.
std::vector<double> exact_means(const Intervals& intervals, Time begin, Time end,
                                std::size_t count) {
  std::vector<double> means(count);
  const double width = static_cast<double>(end - begin) / static_cast<double>(count);
  for (std::size_t i = 0; i < count; i++) {
    const double left = static_cast<double>(begin) + width * static_cast<double>(i);
    for (const auto& [start, stop] : intervals) {
      means[i] += std::max(0.0, std::min(static_cast<double>(stop), left + width) -
                                    std::max(static_cast<double>(start), left));
    }
    means[i] /= width;
  }
  return means;
}

double total(const std::vector<double>& means, double width) {
  double sum = 0;
  for (const double mean : means) sum += mean * width;
  return sum;
}

TEST(Series, CountsIntervals) {
  Series series;
  series.add(0, 4096);
  series.add(1024, 2048);
  series.add(1024, 3072);
  const std::vector<double> means = series.means(0, 4096, 4);
  ASSERT_EQ(means.size(), 4u);
  for (std::size_t i = 0; i < 4; i++) {
    EXPECT_DOUBLE_EQ(means[i], std::vector<double>({1, 3, 2, 1})[i]) << i;
  }
}

TEST(Series, OfNothing) {
  Series series;
  series.add(10, 10);
  series.add(20, 10);
  EXPECT_EQ(series.means(0, 100, 2), (std::vector<double>{0, 0}));
  EXPECT_TRUE(series.means(100, 100, 2).empty());
}

TEST(Series, LosesNoTimeHoweverLongTheTraceIs) {
  for (const Time length : {Time{1000}, Time{1'000'000}, Time{3'600'000'000'000}}) {
    const Intervals intervals = some_intervals(3, length);
    Series series;
    for (const auto& [start, end] : intervals) series.add(start, end);
    const std::vector<double> means = series.means(0, length, 100);
    const std::vector<double> exact = exact_means(intervals, 0, length, 100);
    const double width = static_cast<double>(length) / 100;
    EXPECT_NEAR(total(means, width), total(exact, width), total(exact, width) * 1e-9);
    if (length < 1'000'000) continue;  // less than a bucket for each value
    for (std::size_t i = 0; i < 100; i++)
      EXPECT_NEAR(means[i], exact[i], exact[i] * 0.02 + 0.5) << i;
  }
}

TEST(Series, IsTheSameInAnyOrderAndHoweverMerged) {
  for (unsigned seed = 0; seed < 10; seed++) {
    Intervals intervals = some_intervals(seed, 50'000'000);
    Series whole;
    for (const auto& [start, end] : intervals) whole.add(start, end);
    std::shuffle(intervals.begin(), intervals.end(), std::mt19937(seed));
    std::vector<Series> parts(5);
    for (std::size_t i = 0; i < intervals.size(); i++) {
      parts[i * i % 5].add(intervals[i].first, intervals[i].second);
    }
    Series merged;
    for (const Series& part : parts) merged.merge(part);
    EXPECT_EQ(merged.means(0, 50'000'000, 333), whole.means(0, 50'000'000, 333)) << seed;
  }
}

TEST(Series, TimesCenturiesApartAreNoTrouble) {
  constexpr Time kMin = std::numeric_limits<Time>::min();
  constexpr Time kMax = std::numeric_limits<Time>::max();
  Series series;
  series.add(0, 1000);
  series.add(kMin, kMax);
  series.add(kMax - 1, kMax);
  for (const double mean : series.means(kMin, kMax, 10)) {
    EXPECT_TRUE(std::isfinite(mean));
    EXPECT_GE(mean, 0);
  }
}

}  // namespace
}  // namespace marey::analysis
