// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "marey/ids.h"

namespace marey::analysis {

/// Rows that a table of the longest of something keeps: more than people read, and no burden.
inline constexpr std::size_t kLongestKept = 1000;

/// The longer one first, of intervals that goroutines have.
struct LongerInterval {
  template <class AnyInterval>
  bool operator()(const AnyInterval& a, const AnyInterval& b) const {
    const auto key = [](const AnyInterval& interval) {
      return std::tuple(-interval.duration(), interval.start, raw(interval.goroutine));
    };
    return key(a) < key(b);
  }
};

/// The `Count` greatest of many things, by a strict order `Before` (a before b: a is the greater)
/// that must tell any two different things apart, so that the outcome does not depend on the order
/// in which they come. Merges by adding the other's things.
///
/// Up to twice as many are kept, in no order, and the smaller half dropped when there is no more
/// room, so that adding one costs the same on average however many are kept.
template <class T, std::size_t Count, class Before>
class Top {
 public:
  /// Nothing that is not before this will be among them; nullptr: there are too few to say.
  const T* bound() const { return has_bound_ ? &things_[Count - 1] : nullptr; }
  /// Whether `thing` may be among them: cheap, and mostly false.
  bool wants(const T& thing) const { return !has_bound_ || Before{}(thing, things_[Count - 1]); }
  void add(T thing) {
    if (!wants(thing)) return;
    things_.push_back(std::move(thing));
    if (things_.size() == 2 * Count) drop_smaller();
  }
  void merge(const Top& other) {
    for (const T& thing : other.things_) add(thing);
  }
  /// All that may be among them, in no order.
  std::span<T> candidates() { return things_; }
  std::span<const T> candidates() const { return things_; }
  /// The greatest first.
  std::vector<T> sorted() const {
    std::vector<T> sorted(std::min(things_.size(), Count));
    std::ranges::partial_sort_copy(things_, sorted, Before{});
    return sorted;
  }

 private:
  void drop_smaller() {
    const auto last = things_.begin() + (Count - 1);
    std::ranges::nth_element(things_, last, Before{});
    things_.erase(last + 1, things_.end());
    has_bound_ = true;
  }

  std::vector<T> things_;  // with a bound, that is the one at Count - 1
  bool has_bound_ = false;
};

}  // namespace marey::analysis
