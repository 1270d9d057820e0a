// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/duration.h"

namespace marey::analysis {

/// Mean utilization in a window of time.
struct UtilizationWindow {
  Time start = 0;
  double utilization = 1;  ///< 0 to 1
};

/// What share of processor time the program had at each moment, and the means of that over windows
/// of time: the least, the worst few, and how they are distributed.
///
/// The minimum mutator utilization (MMU) of a window size is the least mean over all windows of
/// that size, as defined by Cheng and Blelloch, "A Parallel, Real-Time Garbage Collector" (PLDI
/// 2001). The utilization is constant between its changes, so the mean over a window that glides
/// along is linear in between, and least where an edge of the window is at a change. To have to
/// look at few of these, time is cut into bands of equal length, as in Go's internal/trace/gc.go,
/// with another bound: with S(t) the integral of the utilization up to t, which never falls, a
/// window of length w that starts in the band [a, b] has at least S(a + w) - S(b), and if it is
/// shorter than a band, w times the least utilization in the three bands that it can be in. Only
/// bands whose bound is below the least that has been found are looked at closely, the lowest
/// bounds first.
///
/// Cost: O(b) for b bands, plus the changes of the bands that are looked at; b is a sixteenth of
/// the number n of changes, so at worst O(n log n) for each size. 24 bytes for each change.
class UtilizationCurve {
 public:
  /// The utilization is `utilization`, 0 to 1, from `time` on. Times must not fall; of several at
  /// one time the last counts.
  void change(Time time, double utilization);
  /// The curve ends; `time` is not before the last change. Nothing but these two may be called
  /// before.
  void end(Time time);

  bool empty() const { return length_ == 0; }
  Time begin() const { return begin_; }
  Duration length() const { return length_; }

  /// Of `window` ns, at least 1; a longer one than the curve is taken for one of its length. The
  /// first of several that are equally bad is not always the one that is found.
  UtilizationWindow minimum(Duration window) const;
  /// The worst window, then the worst that does not overlap it, and so on: at most `count`.
  std::vector<UtilizationWindow> worst(Duration window, std::size_t count) const;
  /// Means over `count` equal parts of the time from `from` to `to`; of what lies outside the
  /// curve: 1.
  std::vector<double> means(Time from, Time to, std::size_t count) const;

  /// Calls f(u, v, duration) for each stretch of starts of windows over which their mean goes
  /// linearly from u to v, in order. `window` is not longer than the curve.
  template <class F>
  void for_each_slope(Duration window, F&& f) const {
    Cursor left(*this, 0);
    Cursor right(*this, window);
    const auto size = static_cast<double>(window);
    Duration at = 0;
    double mean = (right.integral(window) - left.integral(0)) / size;
    while (at < length_ - window) {
      const Duration next = std::min({left.next(), right.next() - window, length_ - window});
      left.go_to(next);
      right.go_to(next + window);
      const double next_mean = (right.integral(next + window) - left.integral(next)) / size;
      f(mean, next_mean, next - at);
      at = next;
      mean = next_mean;
    }
  }

 private:
  // Times count from the curve's begin.
  struct Point {
    Duration time = 0;
    double utilization = 1;
    double integral = 0;  ///< up to `time`

    double integral_at(Duration later) const {
      return integral + utilization * static_cast<double>(later - time);
    }
  };
  /// Goes along the curve.
  class Cursor {
   public:
    Cursor(const UtilizationCurve& curve, Duration time)
        : points_(curve.points_), at_(curve.find(time)) {}
    void go_to(Duration time) {
      while (at_ + 1 < points_.size() && points_[at_ + 1].time <= time) at_++;
    }
    double integral(Duration time) const { return points_[at_].integral_at(time); }
    /// When the utilization changes next; the curve's end at last.
    Duration next() const {
      return at_ + 1 < points_.size() ? points_[at_ + 1].time
                                      : std::numeric_limits<Duration>::max();
    }

   private:
    std::span<const Point> points_;
    std::size_t at_;
  };
  /// The least integral over a window that has been found, and where it starts.
  struct Least {
    double integral = 0;
    Duration start = -1;  ///< -1: none was found
    void offer(double other, Duration time) {
      if (start >= 0 && other >= integral) return;
      integral = other;
      start = time;
    }
  };
  /// Windows that may not be overlapped: their starts, in order.
  using Taken = std::vector<Duration>;

  /// The last point that is not behind `time`.
  std::size_t find(Duration time) const;
  double integral(Duration time) const { return points_[find(time)].integral_at(time); }
  Duration band_begin(std::size_t band) const { return static_cast<Duration>(band) * band_length_; }
  /// A lower bound for each band in which a window may start.
  std::vector<double> bounds(Duration window) const;
  Least least(Duration window, std::span<const double> bounds, const Taken& taken) const;
  void look_closely(std::size_t band, Duration window, const Taken& taken, Least& least) const;
  static bool overlaps(const Taken& taken, Duration start, Duration window);
  UtilizationWindow window_of(const Least& least, Duration window) const;
  Duration fitting(Duration window) const { return std::clamp<Duration>(window, 1, length_); }

  Time begin_ = 0;
  Duration length_ = 0;
  std::vector<Point> points_;
  Duration band_length_ = 1;
  std::vector<std::size_t> bands_;  ///< find(band_begin()) of each, and the last point
  std::vector<double> lowest_;      ///< utilization in each
};

}  // namespace marey::analysis
