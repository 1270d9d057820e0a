// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_groups.h"

#include <algorithm>
#include <utility>

#include "src/analysis/telling_frame.h"
#include "src/analysis/wait_reason.h"

namespace marey::analysis {

void GoroutineGroups::Times::add(const Times& other) {
  accumulate(total, other.total);
  accumulate(execution, other.execution);
  accumulate(scheduler_wait, other.scheduler_wait);
  accumulate(syscall, other.syscall);
  accumulate(syscall_block, other.syscall_block);
  accumulate(unknown, other.unknown);
  accumulate(gc_assist, other.gc_assist);
  accumulate(gc_sweep, other.gc_sweep);
}

Interests GoroutineGroups::interests() const {
  Interests interests;
  using enum GoState;
  interests.states = {NotExist, Runnable, Running, Waiting, Syscall};
  interests.roots = true;
  interests.proc_lost = true;
  interests.ranges = true;
  return interests;
}

void GoroutineGroups::add_syscall(Times& times, const Interval& interval) {
  if (interval.start_edge == Edge::Trace) {
    // What lies before the first mention was spent as the goroutine is found.
    accumulate(interval.start_proc == kNoProc ? times.syscall_block : times.syscall,
               elapsed(interval.start, interval.seen));
  }
  const Time lost = std::clamp(interval.proc_lost, interval.seen, interval.end);
  accumulate(times.syscall, elapsed(interval.seen, lost));
  accumulate(times.syscall_block, elapsed(lost, interval.end));
}

void GoroutineGroups::intervals(std::span<const Interval> intervals,
                                const GoroutineTable& goroutines) {
  for (const Interval& interval : intervals) {
    // Of the whole life what is not accounted for is unknown.
    if (interval.is_guess()) continue;
    switch (interval.state) {
      case GoState::Running:
        accumulate(spent_[interval.slot].execution, interval.duration());
        break;
      case GoState::Runnable:
        accumulate(spent_[interval.slot].scheduler_wait, interval.duration());
        break;
      case GoState::Waiting:
        accumulate(waiting_.at(interval.slot, raw(interval.reason)), interval.duration());
        break;
      case GoState::Syscall: add_syscall(spent_[interval.slot], interval); break;
      case GoState::NotExist: end_goroutine(interval, goroutines.at(interval.slot).root); break;
      case GoState::Undetermined: break;
    }
  }
}

void GoroutineGroups::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.slot == kNoSlot || range.is_guess()) continue;
    Times& times = spent_[range.slot];
    if (range.kind == RangeKind::Assist) accumulate(times.gc_assist, range.duration());
    if (range.kind == RangeKind::Sweep) accumulate(times.gc_sweep, range.duration());
  }
}

void GoroutineGroups::end_goroutine(const Interval& life, FrameNumber root) {
  if (!life.callback) {
    drain(life, group_of(root));
    return;
  }
  Callback callback{life.end, root, {}};
  drain(life, callback.alone);
  Callback& last = callbacks_[life.goroutine];
  if (last.alone.goroutines == 0 || last.end <= life.end) last = std::move(callback);
}

void GoroutineGroups::drain(const Interval& life, Group& group) {
  Times& times = spent_[life.slot];
  Duration known = times.execution;
  accumulate(known, times.scheduler_wait);
  accumulate(known, times.syscall);
  accumulate(known, times.syscall_block);
  waiting_.take(life.slot, [&](std::uint64_t reason, Duration time) {
    accumulate(group.waiting[Text{static_cast<std::uint32_t>(reason)}], time);
    accumulate(known, time);
  });
  // Damage can push a state's end behind that of the life.
  times.total = std::max(life.duration(), known);
  times.unknown = times.total - known;
  group.goroutines++;
  if (life.end_edge == Edge::Trace) group.at_end++;
  group.times.add(times);
  times = {};
}

GoroutineGroups::Group& GoroutineGroups::group_of(FrameNumber root) {
  const std::size_t i = raw(root);
  if (i >= function_of_root_.size()) function_of_root_.resize(i + 1 + i / 2);
  if (function_of_root_[i] == Text::Empty && root != FrameNumber::None) {
    function_of_root_[i] = vocabulary_.of(root).function;
  }
  return groups_[function_of_root_[i]];
}

void GoroutineGroups::add_group(Group& group, const Group& other) {
  group.goroutines += other.goroutines;
  group.at_end += other.at_end;
  group.times.add(other.times);
  for (const auto& [reason, time] : other.waiting) accumulate(group.waiting[reason], time);
}

void GoroutineGroups::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<GoroutineGroups&>(next);
  other.spent_.for_each_below(static_cast<Slot>(slots.size()), [&](Slot slot, const Times& more) {
    if (slots[slot] != kNoSlot) spent_[slots[slot]].add(more);
  });
  other.waiting_.for_each(slots, [&](Slot slot, std::uint64_t reason, Duration time) {
    accumulate(waiting_.at(slot, reason), time);
  });
  for (const auto& [function, group] : other.groups_) add_group(groups_[function], group);
  for (auto& [goroutine, callback] : other.callbacks_) callbacks_[goroutine] = std::move(callback);
}

void GoroutineGroups::finish(const TraceContext& context, Findings& findings) {
  for (const auto& [goroutine, callback] : callbacks_) {
    add_group(group_of(callback.root), callback.alone);
  }
  callbacks_.clear();
  const Vocabulary& vocabulary = context.vocabulary;
  std::vector<std::pair<std::string_view, const Group*>> groups;
  for (const auto& [function, group] : groups_)
    groups.emplace_back(vocabulary.of(function), &group);
  std::ranges::sort(groups);

  table::Table table(
      "goroutines", "Goroutines by start function",
      "What goroutines spend their time on, from creation to end, summed up by the "
      "function that they were started with. The most execution comes first. All columns of "
      "time add up to Total, but for GC assist and GC sweep, which are within the others.");
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
  const auto execution = table.add_duration("execution", "Execution", "Running Go code.");
  const auto scheduler_wait = table.add_duration("scheduler_wait", "Sched wait",
                                                 "Runnable, but not running: waiting for a proc.");
  const auto sync = table.add_duration("sync_block", "Sync block",
                                       "Blocked on channels, select, locks and the like.");
  const auto network =
      table.add_duration("network_wait", "Network wait", "Waiting for the network.");
  const auto syscall =
      table.add_duration("syscall", "Syscall", "In system calls, while keeping the proc.");
  const auto syscall_block = table.add_duration("syscall_block", "Syscall block",
                                                "In system calls, after the proc was taken away.");
  const auto other =
      table.add_duration("other_wait", "Other wait",
                         "Waiting for anything else (sleep, GC, ...), or for nobody knows what: "
                         "since before the trace, or the reason is lost.");
  const auto unknown = table.add_duration(
      "unknown", "Unknown",
      "Not accounted for: hidden by damage, or from or to an event whose time is "
      "a guess.");
  const auto assist =
      table.add_duration("gc_assist", "GC assist", "In mark assists; within the other columns.");
  const auto sweep =
      table.add_duration("gc_sweep", "GC sweep",
                         "Sweeping before allocation, where it began and ended on the "
                         "goroutine; within the other columns.");
  const auto at_end =
      table.add_count("at_end", "At end", "How many of them were alive when the trace ended.");

  table::Table waits("goroutine_waits", "Waiting by start function and reason",
                     "What the waiting of goroutines is for. The runtime's own goroutines come "
                     "last.");
  const auto wait_function =
      waits.add_text("function", "Start function", "The function that the go statement called.");
  const auto reason = waits.add_text("reason", "Reason",
                                     "As the runtime names it; '-': it began before the trace, or "
                                     "the reason is lost.");
  const auto time = waits.add_duration("time", "Time", "Of all goroutines of the function.");

  for (const auto& [name, group] : groups) {
    Duration by_waiting[3] = {};
    std::vector<std::pair<std::string_view, Duration>> reasons;
    for (const auto& [text, spent] : group->waiting) {
      reasons.emplace_back(vocabulary.of(text), spent);
      accumulate(by_waiting[static_cast<std::size_t>(wait_kind(reasons.back().first))], spent);
    }
    std::ranges::sort(reasons);
    for (const auto& [text, spent] : reasons) {
      waits.add_row().set(wait_function, name).set(reason, text).set(time, spent);
    }
    const Times& times = group->times;
    table.add_row()
        .set(function, name)
        .set(goroutines, group->goroutines)
        .set(total, times.total)
        .set(execution, times.execution)
        .set(scheduler_wait, times.scheduler_wait)
        .set(sync, by_waiting[static_cast<std::size_t>(WaitKind::Sync)])
        .set(network, by_waiting[static_cast<std::size_t>(WaitKind::Network)])
        .set(syscall, times.syscall)
        .set(syscall_block, times.syscall_block)
        .set(other, by_waiting[static_cast<std::size_t>(WaitKind::Other)])
        .set(unknown, times.unknown)
        .set(assist, times.gc_assist)
        .set(sweep, times.gc_sweep)
        .set(at_end, group->at_end);
  }
  table.sort_by(execution, table::Order::Descending);
  waits.sort_by(time, table::Order::Descending);
  waits.put_last(wait_function, is_of_runtime);
  findings.tables.push_back(std::move(table));
  findings.tables.push_back(std::move(waits));
}

}  // namespace marey::analysis
