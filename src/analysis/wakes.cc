// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/wakes.h"

#include <utility>

#include "src/analysis/call_site.h"
#include "src/analysis/quantile_columns.h"
#include "src/analysis/telling_frame.h"

namespace marey::analysis {

using wire::EventType;

namespace {

bool is_wake(EventType type) {
  return type == EventType::GoUnblock || type == EventType::GoSwitch ||
         type == EventType::GoSwitchDestroy;
}

}  // namespace

void Wakes::Sum::merge(const Sum& other) {
  accumulate(blocked, other.blocked);
  by_goroutine += other.by_goroutine;
  wakes += other.wakes;
  delays.merge(other.delays);
}

Interests Wakes::interests() const {
  Interests interests;
  interests.states = {GoState::Waiting, GoState::Runnable};
  interests.stacks = true;
  interests.states_view = View::Wholes;
  return interests;
}

Wakes::Sum& Wakes::of(StackNumber waker, StackNumber blocked) {
  std::unique_ptr<Sum>& sum = sums_[{waker, blocked}];
  if (sum == nullptr) sum = std::make_unique<Sum>();
  return *sum;
}

void Wakes::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    if (interval.is_guess()) continue;
    if (interval.state == GoState::Waiting && is_wake(interval.end_event)) {
      Sum& sum = of(interval.end_stack, interval.own_stack);
      sum.wakes++;
      if (interval.end_by != kNoGoroutine) sum.by_goroutine++;
      accumulate(sum.blocked, interval.duration());
    } else if (interval.state == GoState::Runnable && is_wake(interval.start_event) &&
               interval.whole()) {
      of(interval.stack, interval.own_stack).delays.add(interval.duration());
    }
  }
}

void Wakes::merge(Analysis& next, const SlotMap&) {
  for (auto& [pair, more] : static_cast<Wakes&>(next).sums_) {
    std::unique_ptr<Sum>& sum = sums_[pair];
    if (sum == nullptr) {
      sum = std::move(more);
    } else {
      sum->merge(*more);
    }
  }
}

void Wakes::finish(const TraceContext& context, Findings& findings) {
  using Key = std::pair<CallSite, CallSite>;
  const Vocabulary& vocabulary = context.vocabulary;
  CallSiteGroups<Key, Sum> groups(vocabulary);
  for (const auto& [pair, sum] : sums_) {
    groups.add({call_site_of(vocabulary, pair.waker), call_site_of(vocabulary, pair.blocked)},
               pair.blocked, *sum, static_cast<std::int64_t>(sum->wakes));
  }
  table::Table table(
      "unblocks", "Who wakes whom",
      "From the call that unblocks a goroutine to the one in which that was blocked; those with "
      "the most time blocked first. The delay is the time until the goroutine ran.");
  const auto waker =
      table.add_text("waker", "Waker",
                     "The innermost function outside Go's standard library that unblocked, else "
                     "the outermost; '-': a timer, the network or the runtime did.");
  const auto waker_place = table.add_path("waker_place", "At", "File and line.");
  const auto blocked = table.add_text("blocked", "Blocked in", "The same of the one that waited.");
  const auto blocked_place = table.add_path("blocked_place", "Place", "File and line.");
  const auto wakes = table.add_count("wakes", "Wakes", "How many there were.");
  const auto by_goroutine = table.add_count(
      "by_goroutine", "By goroutines",
      "How many of them a running goroutine did: the others the runtime did on a proc of its own.");
  const auto time = table.add_duration("blocked_time", "Blocked", "The sum of all waits.");
  const auto delay = table.add_duration("delay", "Delay", "The sum of all delays.");
  const QuantileColumns quantiles(table, "the delays");
  for (const auto& [key, group] : groups.groups()) {
    const Sum& sum = group.sum;
    auto row = table.add_row();
    row.set(waker, key.first.function)
        .set(waker_place, key.first.place)
        .set(blocked, key.second.function)
        .set(blocked_place, key.second.place)
        .set(wakes, sum.wakes)
        .set(by_goroutine, sum.by_goroutine)
        .set(time, sum.blocked)
        .set(delay, sum.delays.sum());
    quantiles.set(row, sum.delays);
    if (!group.text.empty()) row.stack(group.text);
  }
  table.sort_by(time, table::Order::Descending);
  table.put_last(blocked, is_of_runtime);
  findings.tables.push_back(std::move(table));
  Histogram all;
  for (const auto& [pair, sum] : sums_) all.merge(sum->delays);
  findings.tables.push_back(
      histogram_table("delay_histogram", "How the delays are distributed",
                      "All delays of the table above, from being unblocked to running, by how long "
                      "they were.",
                      "delays", all));
}

}  // namespace marey::analysis
