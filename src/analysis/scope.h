// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/interval.h"

namespace marey::analysis {

/// Time of a goroutine that an answer is about.
struct Window {
  GoID goroutine = kNoGoroutine;
  Time begin = 0;
  Time end = 0;  ///< the first moment behind it

  auto operator<=>(const Window&) const = default;
};

/// What part of a trace an answer is about: a range of time, and all goroutines or some time of
/// some of them. AnalysisFold holds back what lies outside, so that an analysis need not know.
class Scope {
 public:
  static constexpr Time kFirst = std::numeric_limits<Time>::min();
  static constexpr Time kLast = std::numeric_limits<Time>::max();

  /// From `begin` on, up to but not including `end`.
  void set_range(Time begin, Time end) {
    begin_ = begin;
    end_ = end;
  }
  /// Goroutines that have no window are outside. Windows may overlap.
  void set_windows(std::vector<Window> windows);
  /// One goroutine, whenever it runs.
  void set_goroutine(GoID goroutine) { set_windows({{goroutine, kFirst, kLast}}); }

  bool is_everything() const { return !has_range() && !has_windows(); }
  bool has_range() const { return begin_ != kFirst || end_ != kLast; }
  bool has_windows() const { return has_windows_; }
  Time begin() const { return begin_; }
  Time end() const { return end_; }

  bool has(Time time) const { return time >= begin_ && time < end_; }
  bool has(GoID goroutine, Time time) const;

  /// Calls f(begin, end) for the parts of a goroutine's time that lie within, in order. What takes
  /// no time is a part if the moment is within.
  template <class F>
  void for_each_part(GoID goroutine, Time start, Time end, F&& f) const {
    if (!has_windows_) return add_part(start, end, begin_, end_, f);
    const std::span<const Window> windows = windows_of(goroutine);
    for (auto it = std::ranges::lower_bound(windows, start, {}, &Window::end);
         it != windows.end() && it->begin <= end; ++it) {
      const Window& window = *it;
      add_part(start, end, std::max(window.begin, begin_), std::min(window.end, end_), f);
    }
  }

 private:
  template <class F>
  static void add_part(Time start, Time end, Time first, Time last, F&& f) {
    if (start == end ? start >= first && start < last : end > first && start < last) {
      f(std::max(start, first), std::min(end, last));
    }
  }
  std::span<const Window> windows_of(GoID goroutine) const;

  Time begin_ = kFirst;
  Time end_ = kLast;
  bool has_windows_ = false;
  std::vector<Window> windows_;  // sorted; those of a goroutine lie apart
  boost::unordered_flat_map<GoID, std::pair<std::size_t, std::size_t>> of_;  // first and count
};

/// Appends what lies within the scope: to `parts` the parts of each interval, cut with Edge::Range,
/// to `wholes` the intervals that end within, as they are. A goroutine's life goes to both, in one
/// piece, always, since with it the goroutine's slot is given up (see Interval::is_outside).
void apply(const Scope& scope, std::span<const Interval> intervals, std::vector<Interval>& parts,
           std::vector<Interval>& wholes);
void apply(const Scope& scope, std::span<const RangeInterval> ranges,
           std::vector<RangeInterval>& parts, std::vector<RangeInterval>& wholes);
void apply(const Scope& scope, std::span<const ProcInterval> procs,
           std::vector<ProcInterval>& parts);
void apply(const Scope& scope, std::span<const CollectorInterval> intervals,
           std::vector<CollectorInterval>& parts);

}  // namespace marey::analysis
