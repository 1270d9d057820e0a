// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/gc_cycles.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "src/analysis/call_site.h"
#include "src/analysis/scope.h"
#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {

using wire::EventType;

void GCCycles::Segment::add_assist(const RangeInterval& interval) {
  merge({.assists = 1,
         .assist = interval.duration(),
         .longest = interval.duration(),
         .longest_start = interval.start,
         .longest_goroutine = interval.goroutine});
}

void GCCycles::Segment::merge(const Segment& other) {
  assists += other.assists;
  accumulate(assist, other.assist);
  if (std::tuple(-other.longest, other.longest_start, raw(other.longest_goroutine)) <
      std::tuple(-longest, longest_start, raw(longest_goroutine))) {
    longest = other.longest;
    longest_start = other.longest_start;
    longest_goroutine = other.longest_goroutine;
  }
  sweeps += other.sweeps;
  accumulate(sweep, other.sweep);
  accumulate(cpu, other.cpu);
  heap_peak = std::max(heap_peak, other.heap_peak);
}

Interests GCCycles::interests() const {
  Interests interests;
  interests.ranges = true;
  interests.ranges_view = View::All;
  interests.collector = true;
  interests.collector_view = View::All;
  for (const EventType type :
       {EventType::GCBegin, EventType::GCEnd, EventType::HeapAlloc, EventType::HeapGoal}) {
    interests.unscoped_events.set(order::type_number(type));
  }
  return interests;
}

void GCCycles::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    switch (range.kind) {
      case RangeKind::Mark: marks_.push_back(range); break;
      case RangeKind::StopTheWorld:
        if (!range.is_guess()) pauses_.push_back(range);
        break;
      case RangeKind::Assist:
      case RangeKind::Sweep:
        if (!range.is_guess() && is_wanted(range)) new_ranges_.push_back(range);
        break;
    }
  }
}

void GCCycles::collector(std::span<const CollectorInterval> intervals) {
  for (const CollectorInterval& interval : intervals) {
    if (interval.is_guess()) continue;
    new_work_.push_back({interval.start, interval.end});
  }
}

void GCCycles::events(std::span<const Event::Record* const> events, Translation&) {
  for (const Event::Record* const record : events) {
    switch (static_cast<EventType>(record->type)) {
      case EventType::HeapAlloc: {
        heap_ = record->args[0];
        Segment& segment = segments_[segment_number(record->time)];
        segment.heap_peak = std::max(segment.heap_peak, *heap_);
        break;
      }
      case EventType::HeapGoal: goal_ = record->args[0]; break;
      default: borders_.push_back({record->time, heap_, goal_}); break;
    }
  }
  settle();
}

std::size_t GCCycles::segment_number(Time time) {
  if (segments_.size() <= borders_.size()) segments_.resize(borders_.size() + 1);
  const auto next = std::ranges::upper_bound(borders_, time, {}, &Border::time);
  return static_cast<std::size_t>(next - borders_.begin());
}

void GCCycles::add_work(const Work& work) {
  Time start = work.start;
  for (std::size_t i = segment_number(start); start < work.end; i++) {
    const Time end = i < borders_.size() ? std::min(borders_[i].time, work.end) : work.end;
    accumulate(segments_[i].cpu, elapsed(start, end));
    start = end;
  }
}

void GCCycles::settle() {
  for (const RangeInterval& range : new_ranges_) {
    Segment& segment = segments_[segment_number(range.start)];
    if (range.kind == RangeKind::Assist) {
      segment.add_assist(range);
    } else {
      segment.sweeps++;
      accumulate(segment.sweep, range.duration());
    }
  }
  new_ranges_.clear();
  for (const Work& work : new_work_) add_work(work);
  new_work_.clear();
}

void GCCycles::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<GCCycles&>(next);
  settle();
  other.settle();
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(marks_, other.marks_);
  append(pauses_, other.pauses_);
  segments_.resize(borders_.size() + 1);
  other.segments_.resize(other.borders_.size() + 1);
  segments_.back().merge(other.segments_.front());
  segments_.insert(segments_.end(), other.segments_.begin() + 1, other.segments_.end());
  for (Border& border : other.borders_) {
    if (!border.heap) border.heap = heap_;
    if (!border.goal) border.goal = goal_;
    borders_.push_back(border);
  }
  if (other.heap_) heap_ = other.heap_;
  if (other.goal_) goal_ = other.goal_;
}

const GCCycles::Border* GCCycles::border_at(Time time) const {
  const auto border = std::ranges::lower_bound(borders_, time, {}, &Border::time);
  return border != borders_.end() && border->time == time ? &*border : nullptr;
}

const GCCycles::Segment& GCCycles::segment_behind(const Border& border) const {
  return segments_[static_cast<std::size_t>(&border - borders_.data()) + 1];
}

std::optional<Duration> GCCycles::pause_at(Time time, Where where) const {
  // Pauses do not overlap.
  const auto pause = std::ranges::lower_bound(pauses_, time, {}, &RangeInterval::end);
  if (pause == pauses_.end() || (where == Where::Around && pause->start > time)) {
    return std::nullopt;
  }
  return pause->duration();
}

void GCCycles::finish(const TraceContext& context, Findings& findings) {
  settle();
  segments_.resize(borders_.size() + 1);
  const Vocabulary& vocabulary = context.vocabulary;
  std::ranges::sort(marks_, {}, &RangeInterval::start);
  std::ranges::sort(pauses_, {}, &RangeInterval::start);

  table::Table table(
      "gc_cycles", "Garbage collections",
      "One by one, those of which a part was asked for: how long marking went on, "
      "the two pauses at its begin and end, and what else the program paid for it. "
      "Sweeps are counted until the next cycle begins. Where some goroutines were "
      "asked for, the assists and sweeps are theirs, as in the tables below, and all "
      "else is of the whole program.");
  const auto at = table.add_time("at", "At", "When marking began.");
  const auto mark = table.add_duration("mark", "Mark", "How long marking went on.");
  const auto begin_pause = table.add_duration(
      "sweep_termination", "Pause at begin",
      "The stop-the-world of sweep termination, with the time that it took to stop.");
  const auto end_pause = table.add_duration(
      "mark_termination", "Pause at end",
      "The stop-the-world of mark termination, with the time that it took to stop.");
  const auto cpu = table.add_duration(
      "cpu", "CPU", "Time of procs in mark workers and assists; idle procs' help is not in it.");
  const auto share =
      table.add_percent("cpu_share", "CPU share",
                        "That, of the time that all procs had while marking went on; the "
                        "runtime's aim is 25 % for workers, assists come on top.");
  const auto assists = table.add_count("assists", "Assists", "Mark assists of goroutines.");
  const auto assist = table.add_duration("assist", "Assist",
                                         "Time of goroutines in them, also while they waited for "
                                         "credit or a proc.");
  const auto longest = table.add_duration("assist_max", "Longest assist", "The longest of them.");
  const auto payer = table.add_id("assist_max_goroutine", "By",
                                  "The goroutine that had the longest one.", "goroutine");
  const auto sweeps = table.add_count("sweeps", "Sweeps", "Sweeps by procs before allocations.");
  const auto sweep = table.add_duration("sweep", "Sweep", "Time of procs in them.");
  const auto before =
      table.add_bytes("heap_before", "Heap before", "Memory in objects when marking began.");
  const auto peak = table.add_bytes("heap_peak", "Peak", "The greatest while marking went on.");
  const auto after = table.add_bytes("heap_after", "Heap after",
                                     "What was found alive: memory in objects when marking ended.");
  const auto goal = table.add_bytes("goal", "Goal", "The heap's size at which it was to end.");
  const auto goroutine = table.add_id("goroutine", "Goroutine",
                                      "That triggered it; none: the runtime itself.", "goroutine");
  const CallSiteColumns site(table);

  const auto bytes = [](std::uint64_t size) {
    return std::min<std::uint64_t>(size, std::numeric_limits<std::int64_t>::max());
  };
  for (const RangeInterval& cycle : marks_) {
    if (!scope_.touches(cycle.start, cycle.end)) continue;
    auto row = table.add_row();
    row.set(at, cycle.start)
        .set(goroutine, cycle.goroutine)
        .range(cycle.start, cycle.end)
        .goroutine(cycle.goroutine);
    if (!cycle.is_guess()) row.set(mark, cycle.duration());
    site.set(row, call_site_of(vocabulary, cycle.stack));
    if (cycle.stack != StackNumber::None) row.stack(vocabulary.text_of(cycle.stack));
    if (const Border* const begin = border_at(cycle.start)) {
      // The runtime says that a cycle begins, then stops the world.
      if (const auto pause = pause_at(cycle.start, Where::AroundOrBehind)) {
        row.set(begin_pause, *pause);
      }
      const Segment& marking = segment_behind(*begin);
      row.set(cpu, marking.cpu)
          .set(assists, marking.assists)
          .set(assist, marking.assist)
          .set(peak, bytes(std::max(marking.heap_peak, begin->heap.value_or(0))));
      if (marking.assists > 0) {
        row.set(longest, marking.longest).set(payer, marking.longest_goroutine);
      }
      if (begin->heap) row.set(before, bytes(*begin->heap));
      if (begin->goal) row.set(goal, bytes(*begin->goal));
      const auto procs =
          std::ranges::upper_bound(context.proc_counts, cycle.start, {}, &ProcCount::time);
      if (procs != context.proc_counts.begin() && cycle.whole()) {
        const double available =
            static_cast<double>(cycle.duration()) * static_cast<double>(std::prev(procs)->count);
        if (available > 0) row.set(share, 100 * static_cast<double>(marking.cpu) / available);
      }
    }
    if (const Border* const end = border_at(cycle.end)) {
      if (const auto pause = pause_at(cycle.end, Where::Around)) row.set(end_pause, *pause);
      const Segment& sweeping = segment_behind(*end);
      row.set(sweeps, sweeping.sweeps).set(sweep, sweeping.sweep);
      if (end->heap) row.set(after, bytes(*end->heap));
    }
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
