// SPDX-License-Identifier: Apache-2.0
#include "src/table/tick.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace marey::table {
namespace {

constexpr double kMostSteps = 4;
constexpr std::int64_t kMostTimeSteps = 5;
/// A sum that is off by a rounding error makes no step of its own.
constexpr double kNothing = 1e-6;

/// The least of 1, 2, 5, 10, ... that is no less than `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - kNothing)) return factor * power;
  }
  return 10 * power;
}

double value_step(double length, ColumnType type) {
  const double least = length / kMostSteps;
  if (type == ColumnType::Bytes) return std::max(1.0, std::exp2(std::ceil(std::log2(least))));
  const double step = round_step(least);
  const bool is_whole = type == ColumnType::Int || type == ColumnType::Duration;
  return is_whole ? std::max(step, 1.0) : step;
}

Duration time_step(Duration least) {
  constexpr Duration kSecond = 1'000'000'000;
  if (least <= kSecond) {
    Duration power = 1;
    for (;; power *= 10) {
      for (const Duration factor : {1, 2, 5}) {
        if (factor * power >= least) return factor * power;
      }
    }
  }
  constexpr std::array<Duration, 15> kSteps{2,   5,   10,   15,   30,   60,    120,  300,
                                            600, 900, 1800, 3600, 7200, 21600, 43200};
  for (const Duration step : kSteps) {
    if (step * kSecond >= least) return step * kSecond;
  }
  constexpr Duration kDay = 86400 * kSecond;
  return (least / kDay + 1) * kDay;
}

}  // namespace

std::vector<double> value_ticks(double least, double greatest, ColumnType type) {
  const double length = greatest - least;
  if (!(length > 0) || !std::isfinite(length)) return {0};
  const double step = value_step(length, type);
  const double first = std::min(std::floor(least / step + kNothing), least < 0 ? -1.0 : 0.0);
  const double last = std::max(std::ceil(greatest / step - kNothing), greatest > 0 ? 1.0 : 0.0);
  std::vector<double> ticks;
  for (double tick = first; tick <= last; ++tick) ticks.push_back(tick * step);
  return ticks;
}

std::vector<Duration> time_ticks(Duration begin, Duration end) {
  Duration length = 0;
  if (end <= begin || __builtin_sub_overflow(end, begin, &length)) return {begin};
  const Duration step = time_step(length / kMostTimeSteps + (length % kMostTimeSteps != 0 ? 1 : 0));
  std::vector<Duration> ticks;
  // The first multiple that is not before `begin`.
  Duration tick = begin / step * step;
  if (tick < begin) tick += step;
  while (tick <= end) {
    ticks.push_back(tick);
    if (__builtin_add_overflow(tick, step, &tick)) break;
  }
  return ticks;
}

}  // namespace marey::table
