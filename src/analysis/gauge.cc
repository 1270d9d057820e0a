// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/gauge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/analysis/duration.h"

namespace marey::analysis {

void Gauge::merge(Bucket& into, const Bucket& next) {
  if (!next.is_told) return;
  into.greatest = into.is_told ? std::max(into.greatest, next.greatest) : next.greatest;
  if (!into.is_told || next.last.time >= into.last.time) into.last = next.last;
  into.is_told = true;
}

void Gauge::coarsen() {
  const std::int64_t first = first_ >> 1;
  std::vector<Bucket> coarse;
  for (std::size_t i = 0; i < buckets_.size(); i++) {
    const auto at =
        static_cast<std::size_t>(((first_ + static_cast<std::int64_t>(i)) >> 1) - first);
    if (at >= coarse.size()) coarse.resize(at + 1);
    merge(coarse[at], buckets_[i]);
  }
  first_ = first;
  shift_++;
  buckets_ = std::move(coarse);
}

void Gauge::cover(Time time) {
  for (;;) {
    const std::int64_t number = time >> shift_;
    if (buckets_.empty()) first_ = number;
    const std::int64_t low = std::min(number, first_);
    const std::int64_t high =
        std::max(number, first_ + static_cast<std::int64_t>(buckets_.size()) - 1);
    // The shift is at least 10, so the difference fits.
    if (high - low < static_cast<std::int64_t>(kBuckets)) {
      buckets_.insert(buckets_.begin(), static_cast<std::size_t>(first_ - low), Bucket{});
      first_ = low;
      buckets_.resize(static_cast<std::size_t>(high - low + 1));
      return;
    }
    coarsen();
  }
}

void Gauge::add(Time time, std::uint64_t value) {
  const std::int64_t number = time >> shift_;
  if (number < first_ || number - first_ >= static_cast<std::int64_t>(buckets_.size())) cover(time);
  merge(at(time), Bucket{value, {time, value}, true});
  least_ = std::min(least_, value);
  greatest_ = std::max(greatest_, value);
  if (time < first_value_.time) first_value_ = {time, value};
  if (time >= last_value_.time) last_value_ = {time, value};
}

void Gauge::merge(const Gauge& next) {
  if (next.empty()) return;
  Gauge finer = next;
  while (shift_ < finer.shift_) coarsen();
  for (;;) {
    while (finer.shift_ < shift_) finer.coarsen();
    cover(finer.first_ << shift_);
    if (finer.shift_ != shift_) continue;
    cover((finer.first_ + static_cast<std::int64_t>(finer.buckets_.size()) - 1) << shift_);
    if (finer.shift_ == shift_) break;
  }
  const auto offset = static_cast<std::size_t>(finer.first_ - first_);
  for (std::size_t i = 0; i < finer.buckets_.size(); i++) {
    merge(buckets_[offset + i], finer.buckets_[i]);
  }
  least_ = std::min(least_, next.least_);
  greatest_ = std::max(greatest_, next.greatest_);
  if (next.first_value_.time < first_value_.time) first_value_ = next.first_value_;
  if (next.last_value_.time >= last_value_.time) last_value_ = next.last_value_;
}

std::vector<double> Gauge::values(Time begin, Time end, std::size_t count) const {
  if (end <= begin || count == 0) return {};
  std::vector<double> values(count, std::nan(""));
  const double width = static_cast<double>(elapsed(begin, end)) / static_cast<double>(count);
  std::size_t told = 0;  // values before this one are known
  double last = std::nan("");
  for (std::size_t i = 0; i < buckets_.size(); i++) {
    const Bucket& bucket = buckets_[i];
    if (!bucket.is_told) continue;
    const Time start = (first_ + static_cast<std::int64_t>(i)) << shift_;
    if (start > end || bucket.last.time > end) break;
    const auto value = static_cast<double>(bucket.last.value);
    if (bucket.last.time >= begin) {
      const auto part = std::min(
          count - 1,
          static_cast<std::size_t>(static_cast<double>(elapsed(begin, bucket.last.time)) / width));
      for (; told <= part; told++) values[told] = last;
      // Of a bucket that begins before, the greatest may be of before.
      values[part] =
          std::fmax(values[part], start >= begin ? static_cast<double>(bucket.greatest) : value);
    }
    last = value;
  }
  for (; told < count; told++) values[told] = last;
  return values;
}

}  // namespace marey::analysis
