// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/idle_while_runnable.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "src/analysis/duration.h"
#include "src/analysis/histogram.h"
#include "src/analysis/quantile_columns.h"
#include "src/analysis/series.h"
#include "src/analysis/top.h"
#include "src/analysis/usage.h"

namespace marey::analysis {
namespace {

struct Longer {
  bool operator()(const TimeSpan& a, const TimeSpan& b) const {
    const auto key = [](const TimeSpan& span) {
      return std::tuple(-elapsed(span.start, span.end), span.start);
    };
    return key(a) < key(b);
  }
};

/// Walks through spans in order beside others, whose begins do not go back either.
class Walk {
 public:
  explicit Walk(std::span<const TimeSpan> spans) : spans_(spans) {}

  /// Calls f(TimeSpan) for what of `span` they cover, in order.
  template <class F>
  void for_each_covered(const TimeSpan& span, F&& f) {
    while (at_ < spans_.size() && spans_[at_].end <= span.start) at_++;
    for (std::size_t i = at_; i < spans_.size() && spans_[i].start < span.end; i++) {
      f(TimeSpan{std::max(span.start, spans_[i].start), std::min(span.end, spans_[i].end)});
    }
  }
  /// The same for what they do not cover.
  template <class F>
  void for_each_uncovered(const TimeSpan& span, F&& f) {
    Time from = span.start;
    for_each_covered(span, [&](const TimeSpan& covered) {
      if (from < covered.start) f(TimeSpan{from, covered.start});
      from = covered.end;
    });
    if (from < span.end) f(TimeSpan{from, span.end});
  }

 private:
  std::span<const TimeSpan> spans_;
  std::size_t at_ = 0;
};

void add_summary(const Histogram& times, const TraceContext& context, Findings& findings) {
  table::Table table("idle_while_runnable", "Procs idle while goroutines are runnable",
                     "Time during which at least one proc was idle and at least one goroutine was "
                     "runnable, and the world was not stopped. Some microseconds at a time are "
                     "normal, since a thread must wake up; milliseconds say that the machine did "
                     "not give the program the processors that it counts on, or that the scheduler "
                     "kept work where no idle proc found it.");
  table.be_summary();
  const auto count = table.add_count("times", "Times", "How often that was so.");
  const auto total = table.add_duration("total", "Total", "For how long in all.");
  const auto share = table.add_percent("share", "Share", "The part of the time that this is.");
  const QuantileColumns quantiles(table, "a time");
  const auto duration = static_cast<double>(elapsed(context.begin, context.end));
  auto row = table.add_row();
  row.set(count, times.count())
      .set(total, times.sum())
      .set(share,
           duration > 0 ? 100 * static_cast<double>(times.sum()) / duration : table::kNoReal);
  quantiles.set(row, times);
  findings.tables.push_back(std::move(table));
}

void add_longest(std::span<const TimeSpan> longest, Findings& findings) {
  table::Table table("longest_idle_while_runnable",
                     "Longest times idle while goroutines were runnable",
                     "The longest times during which some proc was idle and some goroutine was "
                     "runnable throughout, 1,000 at most; not always the same ones.");
  const auto time = table.add_duration("duration", "Duration", "How long it was.");
  const auto at = table.add_time("at", "At", "When it began.");
  for (const TimeSpan& span : longest) {
    table.add_row()
        .set(time, elapsed(span.start, span.end))
        .set(at, span.start)
        .range(span.start, span.end);
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace

void add_idle_while_runnable(const SpanUnion& runnable, std::span<const TimeSpan> idle,
                             std::span<const TimeSpan> stopped, const TraceContext& context,
                             Findings& findings) {
  Histogram times;
  Series series;
  Top<TimeSpan, kLongestKept, Longer> longest;
  Walk along_idle(idle);
  Walk along_stopped(stopped);
  runnable.for_each([&](const TimeSpan& span) {
    along_idle.for_each_covered(span, [&](const TimeSpan& covered) {
      along_stopped.for_each_uncovered(covered, [&](const TimeSpan& found) {
        times.add(elapsed(found.start, found.end));
        series.add(found.start, found.end);
        longest.add(found);
      });
    });
  });
  add_summary(times, context, findings);
  add_longest(longest.sorted(), findings);
  std::vector<double> shares = series.means(context.begin, context.end, Usage::kValues);
  for (double& share : shares) share *= 100;
  findings.charts.push_back({"idle_while_runnable", "Procs idle while goroutines are runnable",
                             "The part of the time in which some proc was idle and some goroutine "
                             "was runnable.",
                             table::ColumnType::Percent, "percent", context.begin, context.end,
                             std::move(shares)});
}

}  // namespace marey::analysis
