// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/utilization_distribution.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace marey::analysis {
namespace {

struct Part {
  double u;
  double v;
  double weight;
};

std::vector<double> quantiles_of(const std::vector<Part>& parts, std::span<const double> q) {
  return UtilizationDistribution::quantiles(q, [&](const auto& add) {
    for (const Part& part : parts) add(part.u, part.v, part.weight);
  });
}

/// The weight of what is not above `value`.
double weight_up_to(const std::vector<Part>& parts, double value) {
  double sum = 0;
  for (const Part& part : parts) {
    const double low = std::min(part.u, part.v);
    const double high = std::max(part.u, part.v);
    if (high <= value) {
      sum += part.weight;
    } else if (low < value) {
      sum += part.weight * (value - low) / (high - low);
    }
  }
  return sum;
}

TEST(UtilizationDistribution, QuantilesOfOneUniformPart) {
  constexpr std::array kShares{0.001, 0.25, 0.5, 1.0};
  const std::vector<double> found = quantiles_of({{0.8, 0.4, 7}}, kShares);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_NEAR(found[0], 0.4004, 2e-9);
  EXPECT_NEAR(found[1], 0.5, 2e-9);
  EXPECT_NEAR(found[2], 0.6, 2e-9);
  EXPECT_NEAR(found[3], 0.8, 2e-9);
}

TEST(UtilizationDistribution, PointsAreExact) {
  constexpr std::array kShares{0.1, 0.3, 0.5, 0.9};
  const std::vector<double> found =
      quantiles_of({{1, 1, 50}, {0, 0, 20}, {0.75, 0.75, 30}}, kShares);
  EXPECT_EQ(found, (std::vector<double>{0, 0.75, 0.75, 1}));
}

TEST(UtilizationDistribution, NothingHasNoQuantiles) {
  constexpr std::array kShares{0.5};
  EXPECT_TRUE(quantiles_of({}, kShares).empty());
  EXPECT_TRUE(quantiles_of({{0.5, 0.5, 0}}, kShares).empty());
}

TEST(UtilizationDistribution, HasThatShareOfTheWeightBelowEachQuantile) {
  for (unsigned seed = 1; seed <= 100; seed++) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<> share(0, 1);
    std::vector<Part> parts;
    double total = 0;
    for (unsigned i = 0; i < seed; i++) {
      const double u = random() % 3 == 0 ? static_cast<double>(random() % 5) / 4 : share(random);
      const double v = random() % 3 == 0 ? u : share(random);
      parts.push_back({u, v, static_cast<double>(1 + random() % 1'000'000)});
      total += parts.back().weight;
    }
    const std::array shares{share(random), 1 - 0.999, 0.5, share(random)};
    const std::vector<double> found = quantiles_of(parts, shares);
    for (std::size_t i = 0; i < shares.size(); i++) {
      constexpr double kPrecision = 3e-9;
      const double rank = shares[i] * total;
      EXPECT_GE(weight_up_to(parts, found[i] + kPrecision), rank * (1 - 1e-12)) << "seed " << seed;
      EXPECT_LE(weight_up_to(parts, found[i] - kPrecision), rank * (1 + 1e-12)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace marey::analysis
