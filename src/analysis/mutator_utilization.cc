// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/mutator_utilization.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/analysis/utilization_distribution.h"

namespace marey::analysis {
namespace {

constexpr Duration kMillisecond = 1'000'000;

/// 1, 2 and 5 of each decade from 1 us on that are shorter than `length`, then that.
std::vector<Duration> steps_up_to(Duration length) {
  constexpr Duration kLeast = 1'000;
  std::vector<Duration> steps;
  for (Duration decade = kLeast; decade < length; decade *= 10) {
    for (const Duration digit : {1, 2, 5}) {
      Duration step = 0;
      if (!__builtin_mul_overflow(decade, digit, &step) && step < length) steps.push_back(step);
    }
    if (decade > std::numeric_limits<Duration>::max() / 10) break;
  }
  if (length > 0) steps.push_back(length);
  return steps;
}

double percent(double share) { return 100 * share; }

}  // namespace

Interests MutatorUtilization::interests() const {
  Interests interests;
  interests.ranges = options_.stw || options_.sweep;
  interests.collector = true;
  return interests;
}

void MutatorUtilization::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.is_guess()) continue;
    if (range.kind == RangeKind::Sweep && options_.sweep) {
      losses_.add(range.proc, range.start, range.end);
    } else if (range.kind == RangeKind::StopTheWorld && options_.stw &&
               vocabulary_.of(range.name).contains("GC")) {  // as Go tells them
      losses_.add_stop(range.start, range.end);
    }
  }
}

void MutatorUtilization::collector(std::span<const CollectorInterval> intervals) {
  for (const CollectorInterval& interval : intervals) {
    if (interval.is_guess()) continue;
    const bool counts = interval.work == CollectorWork::Assist ? options_.assist
                        : interval.work == CollectorWork::Dedicated
                            ? options_.background && !options_.per_proc
                            : options_.background;
    if (counts) losses_.add(interval.proc, interval.start, interval.end);
  }
}

void MutatorUtilization::merge(Analysis& next, const SlotMap&) {
  losses_.merge(static_cast<const MutatorUtilization&>(next).losses_);
}

void MutatorUtilization::for_each_curve(const MutatorLosses::TakeCurve& f) const {
  if (options_.per_proc) {
    losses_.for_each_proc(f);
  } else if (!system_.empty()) {
    f(system_, -1, 1);
  }
}

std::vector<UtilizationWindow> MutatorUtilization::minima(std::span<const Duration> windows) const {
  std::vector<UtilizationWindow> minima;
  for_each_curve([&](const UtilizationCurve& curve, std::int64_t, std::int64_t) {
    const bool is_first = minima.empty();
    for (std::size_t i = 0; i < windows.size(); i++) {
      const UtilizationWindow found = curve.minimum(windows[i]);
      if (is_first) {
        minima.push_back(found);
      } else if (found.utilization < minima[i].utilization) {
        minima[i] = found;
      }
    }
  });
  return minima;
}

std::vector<double> MutatorUtilization::quantiles(Duration window,
                                                  std::span<const double> shares) const {
  return UtilizationDistribution::quantiles(shares, [&](const auto& add) {
    for_each_curve([&](const UtilizationCurve& curve, std::int64_t, std::int64_t procs) {
      if (curve.length() < window) return;
      curve.for_each_slope(window, [&](double u, double v, Duration duration) {
        add(u, v, static_cast<double>(duration) * static_cast<double>(procs));
      });
    });
  });
}

void MutatorUtilization::add_curve(Findings& findings) const {
  table::Table table(
      "minimum_mutator_utilization", "Minimum mutator utilization (MMU)",
      "The least share of the procs that the program had in any window of time of one length. The "
      "last row is all of the time.");
  table.be_summary();
  const auto size = table.add_duration("window", "Window", "The length of the windows.");
  const auto mmu = table.add_percent("mmu", "MMU", "The mean utilization in the worst of them.");
  const auto at = table.add_time("at", "At", "When that begins.");
  const std::vector<Duration> windows = steps_up_to(system_.length());
  const std::vector<UtilizationWindow> minimum = minima(windows);
  for (std::size_t i = 0; i < minimum.size(); i++) {
    const Time start = minimum[i].start;
    table.add_row()
        .set(size, windows[i])
        .set(mmu, percent(minimum[i].utilization))
        .set(at, start)
        .range(start, start + windows[i]);
  }
  findings.tables.push_back(std::move(table));
}

void MutatorUtilization::add_worst(std::span<const Duration> windows, Findings& findings) const {
  table::Table table(
      "worst_windows", "Windows of least mutator utilization",
      "Of each length the ten windows in which the program had least, the worst of each first, "
      "then "
      "the second worst of each, and so on; none overlaps another of its length (and proc).");
  const auto size = table.add_duration("window", "Window", "The length of the window.");
  const auto at = table.add_time("at", "At", "When it begins.");
  const auto utilization = table.add_percent("utilization", "Utilization",
                                             "The mean share of procs that the program had in it.");
  const auto of =
      table.add_id("proc", "Proc", "Where procs are looked at one by one: which.", "proc");
  struct Example {
    UtilizationWindow window;
    Duration length = 0;
    std::int64_t proc = -1;
  };
  std::vector<std::vector<Example>> examples(windows.size());
  for_each_curve([&](const UtilizationCurve& curve, std::int64_t proc, std::int64_t) {
    for (std::size_t i = 0; i < windows.size(); i++) {
      const Duration length = std::min(windows[i], curve.length());
      for (const UtilizationWindow& window : curve.worst(length, kExamples)) {
        examples[i].push_back({window, length, proc});
      }
    }
  });
  for (std::vector<Example>& some : examples) {
    std::ranges::sort(some, {}, [](const Example& example) {
      return std::tuple(example.window.utilization, example.window.start, example.proc);
    });
  }
  // The worst ones of all lengths first, so that the first few rows have some of each.
  for (std::size_t rank = 0; rank < kExamples; rank++) {
    for (std::size_t i = 0; i < windows.size(); i++) {
      if (rank >= examples[i].size()) continue;
      const Example& example = examples[i][rank];
      table.add_row()
          .set(size, windows[i])
          .set(at, example.window.start)
          .set(utilization, percent(example.window.utilization))
          .set(of, ProcID{example.proc})
          .range(example.window.start, example.window.start + example.length);
    }
  }
  findings.tables.push_back(std::move(table));
}

void MutatorUtilization::add_distribution(std::span<const Duration> windows,
                                          Findings& findings) const {
  table::Table table("mutator_utilization_distribution", "Mutator utilization by percentile",
                     "How the mean utilization is distributed over all windows of one length, "
                     "wherever they begin: "
                     "99 % of them have at least the p99.");
  table.be_summary();
  const auto size = table.add_duration("window", "Window", "The length of the windows.");
  const auto mmu = table.add_percent("mmu", "MMU", "That of the worst window.");
  struct Column {
    double share;  // of the windows, which have no more
    table::RealColumn column;
  };
  const std::array columns{
      Column{1 - 0.999, table.add_percent("p999", "p99.9", "99.9 % of the windows have this.")},
      Column{1 - 0.99, table.add_percent("p99", "p99", "99 % of the windows have this.")},
      Column{1 - 0.95, table.add_percent("p95", "p95", "95 % of the windows have this.")},
      Column{0.5, table.add_percent("p50", "p50", "Half of the windows have this.")}};
  std::array<double, columns.size()> shares{};
  std::ranges::transform(columns, shares.begin(), &Column::share);
  const std::vector<UtilizationWindow> minimum = minima(windows);
  for (std::size_t i = 0; i < minimum.size(); i++) {
    auto row = table.add_row();
    row.set(size, windows[i]).set(mmu, percent(minimum[i].utilization));
    const std::vector<double> values = quantiles(windows[i], shares);
    for (std::size_t j = 0; j < columns.size(); j++) {
      // The only window there is has all percentiles.
      const double value = values.empty() ? minimum[i].utilization : values[j];
      row.set(columns[j].column, percent(value));
    }
  }
  findings.tables.push_back(std::move(table));
}

void MutatorUtilization::finish(const TraceContext& context, Findings& findings) {
  losses_.finish(context.begin, context.end, context.proc_counts);
  system_ = losses_.of_system();
  std::vector<Duration> windows = options_.windows;
  if (windows.empty()) {
    for (const Duration window : {kMillisecond, 10 * kMillisecond, 100 * kMillisecond}) {
      if (window < system_.length()) windows.push_back(window);
    }
    if (windows.empty() && !system_.empty()) windows.push_back(system_.length());
  }
  add_curve(findings);
  add_worst(windows, findings);
  add_distribution(windows, findings);
  if (system_.empty()) return;
  std::vector<double> values = system_.means(context.begin, context.end, kValues);
  std::ranges::transform(values, values.begin(), percent);
  findings.charts.push_back({"mutator_utilization", "Mutator utilization",
                             "The share of the procs that garbage collection leaves to the "
                             "program, whether it uses it or not.",
                             table::ColumnType::Percent, "percent", context.begin, context.end,
                             std::move(values)});
}

}  // namespace marey::analysis
