// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
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

using TaskSet = boost::unordered_flat_set<TaskID>;

/// Time of a goroutine that an answer is about. What happens at `end` itself is within: it is the
/// end of a life, a region or a task.
struct Window {
  GoID goroutine = kNoGoroutine;
  Time begin = 0;
  Time end = 0;  ///< not before `begin`

  auto operator<=>(const Window&) const = default;
};

/// What part of a trace an answer is about: a range of time, all goroutines or some time of some of
/// them, and all tasks or some. AnalysisFold holds back what lies outside, so that an analysis need
/// not know.
class Scope {
 public:
  static constexpr Time kFirst = std::numeric_limits<Time>::min();
  static constexpr Time kLast = std::numeric_limits<Time>::max();

  /// From `begin` on, up to but not including `end`.
  void set_range(Time begin, Time end) {
    begin_ = begin;
    end_ = end;
  }
  /// What lies in none of the windows is outside, as is what was before. Windows may overlap.
  void restrict_to(std::vector<Window> windows);
  /// One goroutine, whenever it runs.
  void set_goroutine(GoID goroutine) { restrict_to({{goroutine, kFirst, kLast}}); }
  /// Of tasks only these count. In which time goroutines work for them, windows say.
  void set_tasks(TaskSet tasks) { tasks_ = std::move(tasks); }

  bool is_everything() const { return !has_range() && !has_windows(); }
  bool has_range() const { return begin_ != kFirst || end_ != kLast; }
  bool has_windows() const { return has_windows_; }
  Time begin() const { return begin_; }
  Time end() const { return end_; }

  bool has(Time time) const { return time >= begin_ && time < end_; }
  bool has(GoID goroutine, Time time) const { return moment_in(goroutine, time, time).has_value(); }
  /// Whether some of the time between two moments, both included, is within, on whatever goroutine:
  /// of what happens to all of them.
  bool touches(Time start, Time end) const;
  /// Whether a task is one of those that count.
  bool has(TaskID task) const { return !tasks_ || tasks_->contains(task); }
  /// The same of one that ends: within the time, if its begin or its end is on a goroutine that
  /// counts; of all tasks, if its end is within on the goroutine that began it.
  bool has(const TaskInterval& task) const;

  /// The first moment between two of a goroutine's, both included, that is within.
  std::optional<Time> moment_in(GoID goroutine, Time start, Time end) const;

  /// Calls f(begin, end) for the parts of a goroutine's time that lie within, in order. What takes
  /// no time is a part if the moment is within.
  template <class F>
  void for_each_part(GoID goroutine, Time start, Time end, F&& f) const {
    if (start == end) {
      if (has(goroutine, start)) f(start, end);
      return;
    }
    const auto add = [&](Time first, Time last) {
      const Time begin = std::max({start, first, begin_});
      const Time behind = std::min({end, last, end_});
      if (begin < behind) f(begin, behind);
    };
    if (!has_windows_) return add(begin_, end_);
    for_each_window(goroutine, start, end,
                    [&](const Window& window) { add(window.begin, window.end); });
  }

 private:
  /// Those that overlap or touch, in order.
  template <class F>
  void for_each_window(GoID goroutine, Time start, Time end, F&& f) const {
    const std::span<const Window> windows = windows_of(goroutine);
    for (auto it = std::ranges::lower_bound(windows, start, {}, &Window::end);
         it != windows.end() && it->begin <= end; ++it) {
      f(*it);
    }
  }
  std::span<const Window> windows_of(GoID goroutine) const;
  /// Whether a moment of a goroutine would be within, if all time were.
  bool is_in_window(GoID goroutine, Time time) const;

  Time begin_ = kFirst;
  Time end_ = kLast;
  bool has_windows_ = false;
  std::vector<Window> windows_;  // sorted; those of a goroutine lie apart
  boost::unordered_flat_map<GoID, std::pair<std::size_t, std::size_t>> of_;  // first and count
  std::vector<Window> of_any_;    // nobody's windows: the time that is in those of some goroutine
  std::optional<TaskSet> tasks_;  // nothing: all
};

/// Appends what lies within the scope: to `parts` the parts of each interval, cut with Edge::Range,
/// to `wholes` the intervals that end within, as they are; of mark phases and whole
/// stop-the-worlds, which happen to all goroutines, those that touch the time of some. A
/// goroutine's life goes to both, in one piece, always, since with it the goroutine's slot is given
/// up (see Interval::is_outside).
void apply(const Scope& scope, std::span<const Interval> intervals, std::vector<Interval>& parts,
           std::vector<Interval>& wholes);
void apply(const Scope& scope, std::span<const RangeInterval> ranges,
           std::vector<RangeInterval>& parts, std::vector<RangeInterval>& wholes);
void apply(const Scope& scope, std::span<const ProcInterval> procs,
           std::vector<ProcInterval>& parts);
void apply(const Scope& scope, std::span<const CollectorInterval> intervals,
           std::vector<CollectorInterval>& parts);

}  // namespace marey::analysis
