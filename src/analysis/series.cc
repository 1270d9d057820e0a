// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/series.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/analysis/duration.h"

namespace marey::analysis {

void Series::coarsen() {
  // The steps become parts first: a pair of buckets can have a step between them.
  std::int64_t filling = 0;
  for (std::size_t i = 0; i < partial_.size(); i++) {
    filling += steps_[i];
    Duration filled = 0;
    if (__builtin_mul_overflow(filling, std::int64_t{1} << shift_, &filled)) filled = INT64_MAX;
    accumulate(partial_[i], filled);
    steps_[i] = 0;
  }
  std::vector<std::int64_t> coarse;
  const std::int64_t first = first_ >> 1;
  for (std::size_t i = 0; i < partial_.size(); i++) {
    const auto at =
        static_cast<std::size_t>(((first_ + static_cast<std::int64_t>(i)) >> 1) - first);
    if (at >= coarse.size()) coarse.resize(at + 1);
    accumulate(coarse[at], partial_[i]);
  }
  first_ = first;
  shift_++;
  partial_ = std::move(coarse);
  steps_.assign(partial_.size(), 0);
}

void Series::cover(Time start, Time end) {
  for (;;) {
    std::int64_t low = bucket_of(start);
    std::int64_t high = bucket_of(end);
    if (!partial_.empty()) {
      low = std::min(low, first_);
      high = std::max(high, first_ + static_cast<std::int64_t>(partial_.size()) - 1);
    }
    // The shift is at least 10, so the difference fits.
    if (high - low < static_cast<std::int64_t>(kBuckets)) {
      if (partial_.empty()) first_ = low;
      const auto before = static_cast<std::size_t>(first_ - low);
      partial_.insert(partial_.begin(), before, 0);
      steps_.insert(steps_.begin(), before, 0);
      first_ = low;
      partial_.resize(static_cast<std::size_t>(high - low + 1));
      steps_.resize(partial_.size());
      return;
    }
    coarsen();
  }
}

void Series::add(Time start, Time end) {
  if (end <= start) return;
  std::int64_t low = bucket_of(start) - first_;
  std::int64_t high = bucket_of(end) - first_;
  if (low < 0 || high >= static_cast<std::int64_t>(partial_.size())) [[unlikely]] {
    cover(start, end);
    low = bucket_of(start) - first_;
    high = bucket_of(end) - first_;
  }
  const auto from = static_cast<std::size_t>(low);
  const auto to = static_cast<std::size_t>(high);
  if (from == to) {
    accumulate(partial_[from], end - start);
    return;
  }
  const Time mask = (Time{1} << shift_) - 1;
  accumulate(partial_[from], mask + 1 - (start & mask));
  accumulate(partial_[to], end & mask);
  steps_[from + 1]++;
  steps_[to]--;
}

void Series::merge(const Series& other) {
  if (other.partial_.empty()) return;
  if (partial_.empty()) {
    *this = other;
    return;
  }
  Series finer = other;
  while (shift_ < finer.shift_) coarsen();
  for (;;) {
    while (finer.shift_ < shift_) finer.coarsen();
    const Time start = finer.first_ << shift_;
    const auto last = finer.first_ + static_cast<std::int64_t>(finer.partial_.size()) - 1;
    cover(start, last << shift_);
    if (finer.shift_ == shift_) break;
  }
  const auto offset = static_cast<std::size_t>(finer.first_ - first_);
  for (std::size_t i = 0; i < finer.partial_.size(); i++) {
    accumulate(partial_[offset + i], finer.partial_[i]);
    steps_[offset + i] += finer.steps_[i];
  }
}

std::vector<double> Series::totals() const {
  std::vector<double> totals;
  double filling = 0;
  for (std::size_t i = 0; i < partial_.size(); i++) {
    filling += static_cast<double>(steps_[i]);
    totals.push_back(std::ldexp(filling, shift_) + static_cast<double>(partial_[i]));
  }
  return totals;
}

std::vector<double> Series::means(Time begin, Time end, std::size_t count) const {
  if (end <= begin || count == 0) return {};
  const std::vector<double> totals = this->totals();
  // In buckets, counted from the first one. Differences before anything becomes a double.
  const double bucket = std::ldexp(1.0, shift_);
  const Time origin = first_ << shift_;
  const double left =
      static_cast<double>(begin < origin ? -elapsed(begin, origin) : elapsed(origin, begin)) /
      bucket;
  const double width =
      static_cast<double>(elapsed(begin, end)) / static_cast<double>(count) / bucket;
  const double right = left + width * static_cast<double>(count);
  std::vector<double> means;
  for (std::size_t i = 0; i < count; i++) {
    const double from = std::max(left + static_cast<double>(i) * width, 0.0);
    const double to =
        std::min(left + static_cast<double>(i + 1) * width, static_cast<double>(totals.size()));
    double sum = 0;
    for (double at = from; at < to;) {
      const double number = std::floor(at);
      const double stop = std::min(number + 1, to);
      // The first and the last bucket reach beyond the trace.
      const double covered = std::min(number + 1, right) - std::max(number, left);
      sum += totals[static_cast<std::size_t>(number)] * (stop - at) / covered;
      at = stop;
    }
    means.push_back(sum / bucket / width);
  }
  return means;
}

}  // namespace marey::analysis
