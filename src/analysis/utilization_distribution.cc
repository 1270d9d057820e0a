// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/utilization_distribution.h"

#include <algorithm>
#include <cmath>

namespace marey::analysis {

void UtilizationDistribution::Histogram::add_within(double u, double v, double weight) {
  constexpr auto kEnd = static_cast<double>(kBins);
  // In bins.
  const double scale = kEnd / width_;
  const double first = (u - from_) * scale;
  const double last = (v - from_) * scale;
  const auto bin_of = [](double place) {
    return static_cast<std::size_t>(std::clamp(place, 0.0, kEnd - 1));
  };
  const std::size_t low = bin_of(first);
  const std::size_t high = bin_of(last);
  if (low == high && first >= 0 && last <= kEnd) {
    weights_[low] += weight;
    return;
  }
  const double density = weight / (last - first);
  if (!std::isfinite(density)) {  // as good as a point
    weights_[low] += weight;
    return;
  }
  if (first < 0) below_ += -first * density;
  const double begin = std::max(first, 0.0);
  const double end = std::min(last, kEnd);
  if (low == high) {
    weights_[low] += (end - begin) * density;
    return;
  }
  weights_[low] += (static_cast<double>(low + 1) - begin) * density;
  weights_[high] += (end - static_cast<double>(high)) * density;
  steps_[low + 1] += density;
  steps_[high] -= density;
}

UtilizationDistribution::Histogram UtilizationDistribution::Histogram::within(double rank) const {
  double sum = below_;
  double whole = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < kBins; i++) {
    whole += steps_[i];
    const double in_bin = weights_[i] + whole;
    // Rounding may leave the sum short of the greatest rank: then it is the last bin with anything.
    if (in_bin > 0) found = i;
    sum += in_bin;
    if (sum >= rank && in_bin > 0) break;
  }
  Histogram inner;
  inner.width_ = width_ / static_cast<double>(kBins);
  inner.from_ = from_ + inner.width_ * static_cast<double>(found);
  return inner;
}

double UtilizationDistribution::Histogram::value_at(double rank) const {
  constexpr double kPrecision = 1e9;
  const Histogram bin = within(rank);
  const double middle = bin.from_ + bin.width_ / 2;
  return std::clamp(std::round(middle * kPrecision) / kPrecision, 0.0, 1.0);
}

}  // namespace marey::analysis
