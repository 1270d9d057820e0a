// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/analysis/duration.h"

namespace marey::analysis {

Duration Histogram::middle_of(std::size_t bucket) {
  if (bucket < (1u << kBits)) return static_cast<Duration>(bucket);
  const int shift = static_cast<int>(bucket >> kBits) - 1;
  const std::uint64_t part = (bucket & ((1u << kBits) - 1)) | (1u << kBits);
  const std::uint64_t width = std::uint64_t{1} << shift;
  return static_cast<Duration>((part << shift) + (width - 1) / 2);
}

void Histogram::cover(std::size_t first, std::size_t end) {
  if (counts_.empty()) first_ = first;
  if (first < first_) {
    counts_.insert(counts_.begin(), first_ - first, 0);
    first_ = first;
  }
  if (end - first_ > counts_.size()) counts_.resize(end - first_);
}

void Histogram::add(Duration value, std::uint64_t times) {
  if (times == 0) return;
  add(value);
  counts_[bucket_of(static_cast<std::uint64_t>(std::max<Duration>(value, 0))) - first_] +=
      times - 1;
  Duration more = 0;
  if (__builtin_mul_overflow(value, times - 1, &more)) more = std::numeric_limits<Duration>::max();
  note(value, value, more, times - 1);
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  cover(other.first_, other.first_ + other.counts_.size());
  std::uint64_t* const counts = &counts_[other.first_ - first_];
  for (std::size_t i = 0; i < other.counts_.size(); i++) counts[i] += other.counts_[i];
  note(other.least_, other.greatest_, other.sum_, other.count_);
}

double Histogram::mean() const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(sum_) / static_cast<double>(count_);
}

Duration Histogram::quantile(double q) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(q * static_cast<double>(count_));
  const auto rank = static_cast<std::uint64_t>(std::max(wanted, 1.0));
  if (rank >= count_) return greatest_;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts_.size(); i++) {
    below += counts_[i];
    if (below >= rank) return std::clamp(middle_of(first_ + i), least_, greatest_);
  }
  return greatest_;
}

}  // namespace marey::analysis
