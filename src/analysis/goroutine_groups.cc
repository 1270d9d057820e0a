// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_groups.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "src/analysis/spent_columns.h"
#include "src/analysis/telling_frame.h"

namespace marey::analysis {

void GoroutineGroups::intervals(std::span<const Interval> intervals,
                                const GoroutineTable& goroutines) {
  sums_.add(intervals, goroutines, [&](const GoroutineRecord& record) { add(record); });
}

void GoroutineGroups::add(const GoroutineRecord& record) {
  Group& group = group_of(record.root);
  group.goroutines++;
  if (record.is_alive()) group.alive++;
  group.times.add(record.times);
  for (const auto& [reason, time] : record.waits) accumulate(group.waits[reason], time);
  if (detail_ == Detail::Sums) return;
  if (group.distributions == nullptr) {
    group.distributions = std::make_unique<SpentDistributions>();
  }
  group.distributions->add(record.times);
  for (const auto& [reason, time] : record.waits) group.distributions->add_wait(reason, time);
}

GoroutineGroups::Group& GoroutineGroups::group_of(FrameNumber root) {
  const std::size_t i = raw(root);
  if (i >= function_of_root_.size()) function_of_root_.resize(i + 1 + i / 2);
  if (function_of_root_[i] == Text::Empty && root != FrameNumber::None) {
    function_of_root_[i] = vocabulary_.of(root).function;
  }
  return groups_[function_of_root_[i]];
}

void GoroutineGroups::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<GoroutineGroups&>(next);
  sums_.merge(other.sums_, slots);
  for (auto& [function, more] : other.groups_) {
    Group& group = groups_[function];
    group.goroutines += more.goroutines;
    group.alive += more.alive;
    group.times.add(more.times);
    for (const auto& [reason, time] : more.waits) accumulate(group.waits[reason], time);
    if (more.distributions == nullptr) continue;
    if (group.distributions == nullptr) {
      group.distributions = std::move(more.distributions);
      continue;
    }
    group.distributions->merge(*more.distributions);
  }
}

void GoroutineGroups::finish(const TraceContext&, Findings& findings) {
  sums_.finish([&](const GoroutineRecord& record) { add(record); });
  std::vector<NamedGroup> groups;
  for (const auto& [function, group] : groups_) {
    groups.emplace_back(vocabulary_.of(function), &group);
  }
  std::ranges::sort(groups);
  std::ranges::stable_sort(groups, std::ranges::greater{}, [](const NamedGroup& group) {
    return group.second->times[Spent::Execution];
  });
  add_sums(groups, findings);
  if (detail_ == Detail::Distributions) add_distributions(groups, findings);
  add_waits(groups, findings);
  if (detail_ == Detail::Distributions) add_histogram(groups, findings);
}

void GoroutineGroups::add_sums(std::span<const NamedGroup> groups, Findings& findings) const {
  table::Table table(
      "goroutines", "Goroutines by start function",
      "What goroutines spend their time on, all of it or the part asked for, summed up by the "
      "function that they were started with. The most execution comes first. All columns of "
      "time add up to Total, but for GC assist, GC sweep and Stop world, which are within "
      "the others.");
  const auto function =
      table.add_text("function", "Start function",
                     "The function that the go statement called; empty where no stack of the "
                     "goroutine was recorded.");
  // What tells most comes first: it is what a narrow terminal has room for.
  const auto goroutines = table.add_count("goroutines", "Count", "How many goroutines there were.");
  const auto total = table.add_duration("total", "Total",
                                        "From creation or the trace's begin to end or the trace's "
                                        "end; where the trace is cut, to the "
                                        "begin of the generation that it is cut in, or to the last "
                                        "change of state that it tells of there.");
  const SpentColumns spent(table);
  const auto at_end =
      table.add_count("at_end", "At end", "How many of them were alive when the trace ended.");
  for (const auto& [name, group] : groups) {
    auto row = table.add_row();
    row.set(function, name)
        .set(goroutines, group->goroutines)
        .set(total, group->times.total())
        .set(at_end, group->alive);
    spent.set(row, group->times);
  }
  findings.tables.push_back(std::move(table));
}

void GoroutineGroups::add_waits(std::span<const NamedGroup> groups, Findings& findings) const {
  table::Table table("goroutine_waits", "Waiting by start function and reason",
                     "What the waiting of goroutines is for. The runtime's own goroutines come "
                     "last.");
  const auto function =
      table.add_text("function", "Start function", "The function that the go statement called.");
  const auto reason = table.add_text("reason", "Reason",
                                     "As the runtime names it; '-': it began before the trace, or "
                                     "the reason is lost.");
  const auto time = table.add_duration("time", "Time", "Of all goroutines of the function.");
  for (const auto& [name, group] : groups) {
    std::vector<std::pair<std::string_view, Duration>> reasons;
    for (const auto& [text, spent] : group->waits) {
      reasons.emplace_back(vocabulary_.of(text), spent);
    }
    std::ranges::sort(reasons);
    for (const auto& [text, spent] : reasons) {
      table.add_row().set(function, name).set(reason, text).set(time, spent);
    }
  }
  table.sort_by(time, table::Order::Descending);
  table.put_last(function, is_of_runtime);
  findings.tables.push_back(std::move(table));
}

void GoroutineGroups::add_distributions(std::span<const NamedGroup> groups,
                                        Findings& findings) const {
  table::Table table(
      "goroutine_distributions", "How the time is distributed over the goroutines",
      "For each start function, and all that its goroutines spend time on, how much that is for a "
      "goroutine: of a hundred goroutines, 99 spend no more than the p99. The runtime's own "
      "goroutines come last. Quantiles are exact to 1.6 %.");
  SpentDistributionTable rows(table, "function", "Start function",
                              "The function that the go statement called.", "goroutines",
                              "Goroutines");
  for (const auto& [name, group] : groups) rows.add_rows(name, *group->distributions, vocabulary_);
  table.put_last(rows.subject(), is_of_runtime);
  findings.tables.push_back(std::move(table));
}

void GoroutineGroups::add_histogram(std::span<const NamedGroup> groups, Findings& findings) const {
  table::Table table("goroutine_histogram", "How much goroutines run, and wait for it",
                     "All goroutines that ran, and all that were runnable, by how much of their "
                     "time that was.");
  table.be_summary();
  const auto spent_on = table.add_text("spent_on", "Spent on",
                                       "'execution', or 'scheduler_wait' for being runnable.");
  const HistogramColumns steps(table, "goroutines");
  for (const Spent spent : {Spent::Execution, Spent::SchedulerWait}) {
    Histogram times;
    for (const auto& [name, group] : groups) times.merge(group->distributions->of(spent));
    steps.add_rows(table, times,
                   [&](table::Table::Row& row) { row.set(spent_on, words_of(spent).name); });
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
