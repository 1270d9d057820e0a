// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/duration.h"

namespace marey::analysis {

/// How durations are distributed: counts in buckets whose width grows with the value.
///
/// Each power of two is cut into 32 equal buckets, so a quantile, given as the middle of its
/// bucket, is off by 1.6 % at most (below 64 ns not at all); count, sum, least and greatest value
/// are exact. This is the log-linear bucketing of HdrHistogram. Two histograms merge by adding
/// their counts: nothing is lost, in whatever order. At most 15 KiB; buckets below the least value
/// and above the greatest take none.
class Histogram {
 public:
  void add(Duration value) {
    if (value < 0) value = 0;
    const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(value));
    // Below the first bucket this wraps round, and is beyond the last.
    if (bucket - first_ >= counts_.size()) [[unlikely]]
      cover(bucket, bucket + 1);
    counts_[bucket - first_]++;
    note(value, value, value, 1);
  }
  /// The same `times` times.
  void add(Duration value, std::uint64_t times);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  Duration sum() const { return sum_; }
  Duration least() const { return least_; }        ///< 0 if there is none
  Duration greatest() const { return greatest_; }  ///< 0 if there is none
  double mean() const;                             ///< NaN if there is none
  /// The value that the share `q` (0 to 1) of all values does not exceed; 0 if there is none.
  Duration quantile(double q) const;
  /// Calls f(value, count) for each bucket that is not empty, by its middle, in order.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < counts_.size(); i++) {
      if (counts_[i] != 0) f(std::clamp(middle_of(first_ + i), least_, greatest_), counts_[i]);
    }
  }

 private:
  static constexpr int kBits = 5;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < (1u << kBits)) return static_cast<std::size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kBits;
    // The highest bit of what is left counts the shifts below this one.
    return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(value >> shift);
  }
  static Duration middle_of(std::size_t bucket);
  /// Makes room for the buckets from `first` up to, not including, `end`.
  void cover(std::size_t first, std::size_t end);
  void note(Duration least, Duration greatest, Duration sum, std::uint64_t count) {
    least_ = count_ == 0 ? least : std::min(least_, least);
    greatest_ = std::max(greatest_, greatest);
    accumulate(sum_, sum);
    count_ += count;
  }

  std::size_t first_ = 0;  // bucket of the first count
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  Duration sum_ = 0;
  Duration least_ = 0;
  Duration greatest_ = 0;
};

}  // namespace marey::analysis
