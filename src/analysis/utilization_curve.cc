// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/utilization_curve.h"

#include <numeric>

namespace marey::analysis {

namespace {

/// More than a century, and times of a damaged trace that are farther apart are as well there: what
/// is computed with such times does not overflow.
constexpr Duration kLongest = std::numeric_limits<Duration>::max() / 4;

constexpr double kRounding = 1e-10;  // of a utilization

}  // namespace

void UtilizationCurve::change(Time time, double utilization) {
  if (points_.empty()) begin_ = time;
  const Duration since = std::min(elapsed(begin_, time), kLongest);
  if (!points_.empty()) {
    Point& last = points_.back();
    if (last.utilization == utilization) return;
    if (last.time == since) {
      last.utilization = utilization;
      // What was a change may be none any more.
      if (points_.size() > 1 && points_[points_.size() - 2].utilization == utilization) {
        points_.pop_back();
      }
      return;
    }
  }
  const double integral = points_.empty() ? 0 : points_.back().integral_at(since);
  points_.push_back({since, utilization, integral});
}

void UtilizationCurve::end(Time time) {
  constexpr std::size_t kChangesInBand = 16;
  constexpr std::size_t kMostBands = 1 << 16;
  if (points_.empty()) return;
  length_ = std::min(elapsed(begin_, time), kLongest);
  const std::size_t count = std::clamp<std::size_t>(points_.size() / kChangesInBand, 1, kMostBands);
  band_length_ = length_ / static_cast<Duration>(count) + 1;
  std::size_t point = 0;
  for (Duration begin = 0; begin < length_;) {
    while (point + 1 < points_.size() && points_[point + 1].time <= begin) point++;
    bands_.push_back(point);
    begin += band_length_;
  }
  bands_.push_back(points_.size() - 1);
  for (std::size_t band = 0; band + 1 < bands_.size(); band++) {
    double lowest = 1;
    for (std::size_t i = bands_[band]; i <= bands_[band + 1]; i++) {
      lowest = std::min(lowest, points_[i].utilization);
    }
    lowest_.push_back(lowest);
  }
}

std::size_t UtilizationCurve::find(Duration time) const {
  const auto band = static_cast<std::size_t>(time / band_length_);
  if (band + 1 >= bands_.size()) return points_.size() - 1;  // the curve's end
  const auto first = points_.begin() + static_cast<std::ptrdiff_t>(bands_[band]);
  const auto last = points_.begin() + static_cast<std::ptrdiff_t>(bands_[band + 1]) + 1;
  const auto behind = std::ranges::upper_bound(first, last, time, {}, &Point::time);
  return static_cast<std::size_t>(behind - points_.begin()) - 1;
}

std::vector<double> UtilizationCurve::bounds(Duration window) const {
  std::vector<double> bounds;
  const Duration last_start = length_ - window;
  for (std::size_t band = 0; band + 1 < bands_.size(); band++) {
    const Duration begin = band_begin(band);
    if (begin > last_start) break;
    const Duration end = std::min(last_start, begin + band_length_);
    double bound = integral(begin + window) - integral(end);
    if (window < band_length_) {
      double lowest = lowest_[band];
      for (std::size_t i = band + 1; i < std::min(band + 3, lowest_.size()); i++) {
        lowest = std::min(lowest, lowest_[i]);
      }
      bound = std::max(bound, lowest * static_cast<double>(window));
    }
    bounds.push_back(bound);
  }
  return bounds;
}

bool UtilizationCurve::overlaps(const Taken& taken, Duration start, Duration window) {
  const auto behind = std::ranges::upper_bound(taken, start);
  if (behind != taken.end() && *behind - start < window) return true;
  return behind != taken.begin() && start - *(behind - 1) < window;
}

void UtilizationCurve::look_closely(std::size_t band, Duration window, const Taken& taken,
                                    Least& least) const {
  const Duration last_start = std::min(length_ - window, band_begin(band) + band_length_);
  Duration start = band_begin(band);
  Cursor left(*this, start);
  Cursor right(*this, start + window);
  for (;;) {
    const double found = right.integral(start + window) - left.integral(start);
    if ((least.start < 0 || found < least.integral) && !overlaps(taken, start, window)) {
      least.offer(found, start);
    }
    if (start >= last_start) return;
    start = std::min({left.next(), right.next() - window, last_start});
    left.go_to(start);
    right.go_to(start + window);
  }
}

UtilizationCurve::Least UtilizationCurve::least(Duration window, std::span<const double> bounds,
                                                const Taken& taken) const {
  Least least;
  const auto offer = [&](Duration start) {
    if (start < 0 || start > length_ - window || overlaps(taken, start, window)) return;
    least.offer(integral(start + window) - integral(start), start);
  };
  // Where a window touches one that is taken, the mean need not be at a change to be the least.
  for (const Duration start : taken) {
    offer(start - window);
    if (start <= length_ - window) offer(start + window);
  }
  // What differs by no more than rounding does not count as less.
  const double slack = kRounding * static_cast<double>(window);
  std::vector<std::size_t> order;
  if (taken.empty()) {
    const auto first = std::ranges::min_element(bounds);
    look_closely(static_cast<std::size_t>(first - bounds.begin()), window, taken, least);
  }
  for (std::size_t band = 0; band < bounds.size(); band++) {
    if (least.start < 0 || bounds[band] < least.integral - slack) order.push_back(band);
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t band) { return bounds[band]; });
  for (const std::size_t band : order) {
    if (least.start >= 0 && bounds[band] >= least.integral - slack) break;
    look_closely(band, window, taken, least);
    // Nothing is worse.
    if (least.start >= 0 && least.integral <= 0) break;
  }
  return least;
}

UtilizationWindow UtilizationCurve::window_of(const Least& least, Duration window) const {
  return {begin_ + least.start, std::clamp(least.integral / static_cast<double>(window), 0.0, 1.0)};
}

UtilizationWindow UtilizationCurve::minimum(Duration window) const {
  window = fitting(window);
  return window_of(least(window, bounds(window), {}), window);
}

std::vector<UtilizationWindow> UtilizationCurve::worst(Duration window, std::size_t count) const {
  window = fitting(window);
  const std::vector<double> lower = bounds(window);
  Taken taken;
  std::vector<UtilizationWindow> found;
  while (found.size() < count) {
    const Least next = least(window, lower, taken);
    if (next.start < 0) break;
    found.push_back(window_of(next, window));
    taken.insert(std::ranges::upper_bound(taken, next.start), next.start);
  }
  return found;
}

std::vector<double> UtilizationCurve::means(Time from, Time to, std::size_t count) const {
  std::vector<double> means;
  const auto total = static_cast<double>(elapsed(from, to));
  const auto parts = static_cast<double>(count);
  // Of the time before and behind the curve nothing is lost.
  const auto lost_until = [&](double since) {
    const double own = since - static_cast<double>(elapsed(from, begin_));
    if (own <= 0) return 0.0;
    const Duration time =
        own >= static_cast<double>(length_) ? length_ : static_cast<Duration>(own);
    return static_cast<double>(time) - integral(time);
  };
  double before = lost_until(0);
  for (std::size_t i = 1; i <= count; i++) {
    const double until = lost_until(total * static_cast<double>(i) / parts);
    means.push_back(std::clamp(1 - (until - before) / (total / parts), 0.0, 1.0));
    before = until;
  }
  return means;
}

}  // namespace marey::analysis
