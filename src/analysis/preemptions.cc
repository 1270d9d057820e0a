// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/preemptions.h"

#include <string_view>
#include <utility>

#include "src/analysis/quantile_columns.h"
#include "src/analysis/telling_frame.h"

namespace marey::analysis {

void Preemptions::Runs::merge(const Runs& other) {
  times.merge(other.times);
  preempted += other.preempted;
  long_ones += other.long_ones;
}

bool Preemptions::is_preempted(Text reason) {
  const std::size_t i = raw(reason);
  if (i >= reasons_.size()) reasons_.resize(i + 1);
  if (reasons_[i] == Is::Unknown) {
    reasons_[i] = vocabulary_.of(reason) == "preempted" ? Is::Preempted : Is::Other;
  }
  return reasons_[i] == Is::Preempted;
}

Interests Preemptions::interests() const {
  Interests interests;
  interests.states = {GoState::NotExist, GoState::Running, GoState::Runnable};
  interests.brief = {GoState::Runnable};  // only a GoStop gives those a reason
  interests.roots = true;
  interests.states_view = View::Wholes;
  return interests;
}

void Preemptions::intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) {
  for (const Interval& interval : intervals) {
    if (interval.state == GoState::Running) {
      if (!interval.whole()) continue;
      const Duration duration = interval.duration();
      Runs& runs = runs_.of(interval.slot, goroutines);
      runs.times.add(duration);
      if (duration >= kTimeSlice) runs.long_ones++;
    } else if (interval.state == GoState::NotExist) {
      runs_.end_life(interval, goroutines);
    } else if (interval.state == GoState::Runnable && interval.start_edge == Edge::Seen &&
               is_preempted(interval.reason)) {
      runs_.of(interval.slot, goroutines).preempted++;
    }
  }
}

void Preemptions::stays(GoState, std::span<const BriefStay> stays,
                        const GoroutineTable& goroutines) {
  for (const BriefStay& stay : stays) {
    if (is_preempted(stay.reason)) runs_.of(stay.slot, goroutines).preempted++;
  }
}

void Preemptions::merge(Analysis& next, const SlotMap& slots) {
  runs_.merge(static_cast<Preemptions&>(next).runs_, slots);
}

void Preemptions::finish(const TraceContext& context, Findings& findings) {
  table::Table table(
      "preemptions", "Runs without a break, and preemptions",
      "How long goroutines run at a time until they block, yield, are preempted, "
      "make a system call or end, by the function that they were started with. The "
      "scheduler preempts one that has run for 10 ms: many preemptions, or runs much "
      "longer than that, tell of work that makes others wait. The runtime's own "
      "goroutines come last. Quantiles are exact to 1.6 %.");
  const auto function =
      table.add_text("function", "Start function", "The function that the go statement called.");
  const auto preempted =
      table.add_count("preempted", "Preempted",
                      "How often one of its goroutines had to make room for others; not where the "
                      "garbage collector stopped it to scan its stack.");
  const auto long_ones =
      table.add_count("long_runs", "10ms or longer", "Runs of 10 ms and longer at a time.");
  const auto count = table.add_count("runs", "Runs", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all runs.");
  const QuantileColumns quantiles(table, "a run");
  Histogram all;
  for (const auto& [name, runs] : runs_.by_function(context.vocabulary)) {
    const Histogram& times = runs.times;
    if (times.count() == 0 && runs.preempted == 0) continue;
    auto row = table.add_row();
    row.set(function, name)
        .set(preempted, runs.preempted)
        .set(long_ones, runs.long_ones)
        .set(count, times.count())
        .set(total, times.sum());
    quantiles.set(row, times);
    all.merge(times);
  }
  table.sort_by(total, table::Order::Descending);
  table.sort_by(preempted, table::Order::Descending);
  table.put_last(function, is_of_runtime);
  findings.tables.push_back(std::move(table));
  findings.tables.push_back(histogram_table("run_histogram", "How long goroutines run at a time",
                                            "All runs without a break, by how long they were.",
                                            "runs", all));
}

}  // namespace marey::analysis
