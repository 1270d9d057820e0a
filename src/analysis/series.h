// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "marey/ids.h"

namespace marey::analysis {

/// How many of something there are over time: the sum of intervals, in buckets of equal width.
///
/// The width is a power of two and doubles whenever the intervals span more than kBuckets buckets;
/// buckets start at multiples of it. So the time that will be covered need not be known, and two
/// series merge, the finer one made as coarse as the other. An interval takes constant time however
/// long it is: the buckets that it fills are noted as a step up and a step down.
class Series {
 public:
  static constexpr std::size_t kBuckets = 8192;

  /// One more from `start` to `end`.
  void add(Time start, Time end);
  void merge(const Series& other);

  /// The mean number in each of `count` equal parts of the time from `begin` to `end`, outside of
  /// which no interval lies. Within a bucket (1/8192 to 1/4096 of that time) it counts as evenly
  /// spread. Empty if `end` is not after `begin`.
  std::vector<double> means(Time begin, Time end, std::size_t count) const;

 private:
  std::int64_t bucket_of(Time time) const { return time >> shift_; }
  /// Makes room for the buckets from `first` to `last` of the time range; may coarsen.
  void cover(Time start, Time end);
  void coarsen();
  /// Nanoseconds in each bucket, steps included.
  std::vector<double> totals() const;

  int shift_ = 10;
  std::int64_t first_ = 0;             // number of the first bucket
  std::vector<std::int64_t> partial_;  // ns of intervals that fill a part of the bucket
  std::vector<std::int64_t> steps_;    // by how many more intervals fill this bucket than the last
};

}  // namespace marey::analysis
