// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/utilization_curve.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace marey::analysis {
namespace {

/// The same by looking everywhere.
struct Naive {
  std::vector<std::pair<Time, double>> changes;
  Time end = 0;

  Time begin() const { return changes.front().first; }
  double integral(Time from, Time to) const {
    double sum = 0;
    for (std::size_t i = 0; i < changes.size(); i++) {
      const Time until = i + 1 < changes.size() ? changes[i + 1].first : end;
      const Time left = std::max(from, changes[i].first);
      const Time right = std::min(to, until);
      if (right > left) sum += changes[i].second * static_cast<double>(right - left);
    }
    return sum;
  }
  double mean(Time start, Duration window) const {
    return integral(start, start + window) / static_cast<double>(window);
  }
  /// The least mean over windows that overlap none of `taken`; more than 1 if there is none.
  double least(Duration window, const std::vector<UtilizationWindow>& taken) const {
    std::vector<Time> starts{begin(), end - window};
    for (const auto& [time, utilization] : changes) {
      starts.push_back(time);
      starts.push_back(time - window);
    }
    for (const UtilizationWindow& other : taken) {
      starts.push_back(other.start - window);
      starts.push_back(other.start + window);
    }
    double least = 2;
    for (const Time start : starts) {
      if (start < begin() || start > end - window) continue;
      const bool free = std::ranges::all_of(taken, [&](const UtilizationWindow& other) {
        return start + window <= other.start || other.start + window <= start;
      });
      if (free) least = std::min(least, mean(start, window));
    }
    return least;
  }
  UtilizationCurve curve() const {
    UtilizationCurve curve;
    for (const auto& [time, utilization] : changes) curve.change(time, utilization);
    curve.end(end);
    return curve;
  }
};

/// Changes that come evenly or in bursts, of a share of a few procs or of any kind.
Naive some_curve(unsigned seed, std::size_t changes) {
  std::mt19937_64 random(seed);
  Naive naive;
  Time time = static_cast<Time>(random() % 1'000'000) - 500'000;
  const std::uint64_t procs = 1 + random() % 8;
  const bool any = random() % 4 == 0;
  const bool bursts = random() % 2 == 0;
  for (std::size_t i = 0; i < changes; i++) {
    const double utilization =
        any ? std::uniform_real_distribution<>(0, 1)(random)
            : static_cast<double>(random() % (procs + 1)) / static_cast<double>(procs);
    naive.changes.emplace_back(time, utilization);
    const std::uint64_t longest = bursts ? std::uint64_t{1} << (random() % 14) : 100;
    time += static_cast<Time>(1 + random() % longest);
  }
  naive.end = time;
  return naive;
}

TEST(UtilizationCurve, FindsTheMinimumThatLookingEverywhereFinds) {
  for (unsigned seed = 1; seed <= 200; seed++) {
    const Naive naive = some_curve(seed, 1 + seed * 3);
    const UtilizationCurve curve = naive.curve();
    ASSERT_EQ(curve.begin(), naive.begin());
    ASSERT_EQ(curve.length(), naive.end - naive.begin());
    for (Duration window = 1; window < curve.length(); window = window * 3 + 1) {
      const UtilizationWindow found = curve.minimum(window);
      EXPECT_NEAR(found.utilization, naive.least(window, {}), 1e-9)
          << "seed " << seed << ", window " << window;
      EXPECT_NEAR(found.utilization, naive.mean(found.start, window), 1e-9);
      EXPECT_GE(found.start, naive.begin());
      EXPECT_LE(found.start + window, naive.end);
    }
  }
}

TEST(UtilizationCurve, FindsTheWorstWindowsOneByOne) {
  for (unsigned seed = 1; seed <= 60; seed++) {
    const Naive naive = some_curve(seed, 1 + seed * 4);
    const UtilizationCurve curve = naive.curve();
    for (Duration window = 10; window < curve.length(); window *= 7) {
      std::vector<UtilizationWindow> taken;
      for (const UtilizationWindow& found : curve.worst(window, 10)) {
        EXPECT_NEAR(found.utilization, naive.least(window, taken), 1e-9)
            << "seed " << seed << ", window " << window << ", after " << taken.size();
        EXPECT_NEAR(found.utilization, naive.mean(found.start, window), 1e-9);
        taken.push_back(found);
      }
      if (taken.size() < 10) {
        EXPECT_EQ(naive.least(window, taken), 2);
      }
    }
  }
}

TEST(UtilizationCurve, SlopesAreTheMeansOfAllWindows) {
  for (unsigned seed = 1; seed <= 60; seed++) {
    const Naive naive = some_curve(seed, 1 + seed);
    const UtilizationCurve curve = naive.curve();
    for (Duration window = 1; window <= curve.length(); window = window * 5 + 1) {
      Time start = naive.begin();
      curve.for_each_slope(window, [&](double u, double v, Duration duration) {
        EXPECT_NEAR(u, naive.mean(start, window), 1e-9);
        EXPECT_NEAR((u + v) / 2,
                    (naive.mean(start + duration / 2, window) +
                     naive.mean(start + duration - duration / 2, window)) /
                        2,
                    1e-9);
        start += duration;
        EXPECT_NEAR(v, naive.mean(start, window), 1e-9);
      });
      EXPECT_EQ(start, naive.end - window);
    }
  }
}

TEST(UtilizationCurve, MeansOverEqualParts) {
  const Naive naive{{{1000, 1}, {1500, 0.5}, {1700, 0}, {1800, 1}}, 2000};
  // The curve covers the second half of the time.
  const std::vector<double> means = naive.curve().means(0, 2000, 8);
  const std::vector<double> expected{1, 1, 1, 1, 1, 1, 0.4, 0.8};
  ASSERT_EQ(means.size(), expected.size());
  for (std::size_t i = 0; i < means.size(); i++) EXPECT_NEAR(means[i], expected[i], 1e-9) << i;
}

TEST(UtilizationCurve, TakesALongerWindowForOneOfItsLength) {
  const Naive naive{{{0, 1}, {100, 0}, {150, 1}}, 200};
  const UtilizationWindow found = naive.curve().minimum(1'000'000);
  EXPECT_EQ(found.start, 0);
  EXPECT_DOUBLE_EQ(found.utilization, 0.75);
}

TEST(UtilizationCurve, OfSeveralChangesAtOneTimeTheLastCounts) {
  UtilizationCurve curve;
  curve.change(0, 1);
  curve.change(50, 0);
  curve.change(50, 1);
  curve.change(70, 0.5);
  curve.end(100);
  EXPECT_DOUBLE_EQ(curve.minimum(10).utilization, 0.5);
  EXPECT_DOUBLE_EQ(curve.minimum(100).utilization, 0.85);
}

TEST(UtilizationCurve, TimesCenturiesApartAreNoTrouble) {
  constexpr Time kFar = std::numeric_limits<Time>::max() - 5;
  UtilizationCurve curve;
  curve.change(-kFar, 1);
  curve.change(-kFar + 1'000'000'000, 0.25);
  curve.change(0, 0.5);
  curve.end(kFar);
  EXPECT_NEAR(curve.minimum(1'000'000'000'000).utilization, 0.25, 1e-2);
  EXPECT_EQ(curve.worst(1'000'000, 3).size(), 3u);
  EXPECT_EQ(curve.means(-kFar, kFar, 10).size(), 10u);
}

TEST(UtilizationCurve, OfNoTimeIsEmpty) {
  UtilizationCurve curve;
  EXPECT_TRUE(curve.empty());
  curve.end(5);
  EXPECT_TRUE(curve.empty());
  curve.change(5, 1);
  curve.end(5);
  EXPECT_TRUE(curve.empty());
}

}  // namespace
}  // namespace marey::analysis
