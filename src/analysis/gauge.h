// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "marey/ids.h"

namespace marey::analysis {

/// A number that is told anew now and then, over time: its greatest and its last value in buckets
/// of equal width, and the least, greatest, first and last of all.
///
/// As of Series, the width is a power of two and doubles whenever there are more than kBuckets
/// buckets. Values may come in any order; of two at the same time the later one counts, and in a
/// merge that of the piece that follows.
class Gauge {
 public:
  static constexpr std::size_t kBuckets = 4096;

  void add(Time time, std::uint64_t value);
  /// Takes over the values of the following piece.
  void merge(const Gauge& next);

  bool empty() const { return buckets_.empty(); }
  std::uint64_t least() const { return least_; }
  std::uint64_t greatest() const { return greatest_; }
  std::uint64_t first() const { return first_value_.value; }
  std::uint64_t last() const { return last_value_.value; }

  /// The greatest value in each of `count` equal parts of the time from `begin` to `end`; where it
  /// is not told anew, the last one before; NaN before the first.
  std::vector<double> values(Time begin, Time end, std::size_t count) const;

 private:
  struct Told {
    Time time = 0;
    std::uint64_t value = 0;
  };
  struct Bucket {
    std::uint64_t greatest = 0;
    Told last{std::numeric_limits<Time>::min(), 0};
    bool is_told = false;
  };

  void cover(Time time);
  void coarsen();
  Bucket& at(Time time) { return buckets_[static_cast<std::size_t>((time >> shift_) - first_)]; }
  static void merge(Bucket& into, const Bucket& next);

  int shift_ = 10;
  std::int64_t first_ = 0;  // number of the first bucket
  std::vector<Bucket> buckets_;
  std::uint64_t least_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t greatest_ = 0;
  Told first_value_{std::numeric_limits<Time>::max(), 0};
  Told last_value_{std::numeric_limits<Time>::min(), 0};
};

}  // namespace marey::analysis
