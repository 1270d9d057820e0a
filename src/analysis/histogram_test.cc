// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

namespace marey::analysis {
namespace {

/// Durations of all magnitudes.
std::vector<Duration> some_durations(unsigned seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<Duration> values;
  for (std::size_t i = 0; i < count; i++) {
    values.push_back(static_cast<Duration>(random() >> (1 + random() % 60)));
  }
  return values;
}

Histogram histogram_of(const std::vector<Duration>& values) {
  Histogram histogram;
  for (const Duration value : values) histogram.add(value);
  return histogram;
}

TEST(Histogram, OfNothing) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_EQ(histogram.greatest(), 0);
  EXPECT_TRUE(std::isnan(histogram.mean()));
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (Duration value = 0; value < 64; value++) histogram.add(value);
  for (int i = 1; i <= 64; i++) EXPECT_EQ(histogram.quantile(i / 64.0), i - 1);
}

TEST(Histogram, QuantilesAreWithinTheirBucket) {
  for (unsigned seed = 0; seed < 20; seed++) {
    std::vector<Duration> values = some_durations(seed, 1000);
    const Histogram histogram = histogram_of(values);
    std::ranges::sort(values);
    for (const double q : {0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::max(std::ceil(q * 1000), 1.0));
      const auto exact = static_cast<double>(values[rank - 1]);
      EXPECT_NEAR(static_cast<double>(histogram.quantile(q)), exact, exact * 0.016) << q;
    }
    EXPECT_EQ(histogram.least(), values.front());
    EXPECT_EQ(histogram.greatest(), values.back());
    EXPECT_EQ(histogram.quantile(1), values.back());
  }
}

TEST(Histogram, MergeLosesNothing) {
  const std::vector<Duration> values = some_durations(7, 3000);
  const Histogram whole = histogram_of(values);
  Histogram merged;
  for (std::size_t i = 0; i < values.size(); i += 700) {
    const std::size_t end = std::min(i + 700, values.size());
    merged.merge(histogram_of({values.begin() + static_cast<std::ptrdiff_t>(i),
                               values.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  merged.merge({});
  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.sum(), whole.sum());
  for (int i = 0; i <= 100; i++) EXPECT_EQ(merged.quantile(i / 100.0), whole.quantile(i / 100.0));
}

TEST(Histogram, KeepsTheGreatestSum) {
  Histogram histogram;
  histogram.add(std::numeric_limits<Duration>::max());
  histogram.add(5);
  EXPECT_EQ(histogram.sum(), std::numeric_limits<Duration>::max());
  EXPECT_EQ(histogram.quantile(1), std::numeric_limits<Duration>::max());
  histogram.add(-3);  // none is negative
  EXPECT_EQ(histogram.least(), 0);
}

}  // namespace
}  // namespace marey::analysis
