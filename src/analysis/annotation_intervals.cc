// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/annotation_intervals.h"

#include <algorithm>
#include <utility>

#include "src/analysis/stay_times.h"
#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {

using wire::EventType;

bool AnnotationIntervals::handles(std::uint8_t type) {
  switch (static_cast<EventType>(type)) {
    case EventType::UserTaskBegin:
    case EventType::UserTaskEnd:
    case EventType::UserRegionBegin:
    case EventType::UserRegionEnd: return true;
    default: return false;
  }
}

void AnnotationIntervals::event(const Event::Record& record) {
  switch (static_cast<EventType>(record.type)) {
    case EventType::UserTaskBegin: return begin_task(record);
    case EventType::UserTaskEnd: return end_task(record);
    case EventType::UserRegionBegin: return begin_region(record);
    case EventType::UserRegionEnd: return end_region(record);
    default: return;
  }
}

void AnnotationIntervals::add(GoroutineTimes& times, const Interval& interval) {
  if (interval.is_guess()) {
    times.add(Spent::Unknown, interval.duration());
    return;
  }
  switch (interval.state) {
    case GoState::Running: times.add(Spent::Execution, interval.duration()); break;
    case GoState::Runnable: times.add(Spent::SchedulerWait, interval.duration()); break;
    case GoState::Waiting:
      times.add(spent_in(wait_kinds_[interval.reason]), interval.duration());
      break;
    case GoState::Syscall: {
      const SyscallTimes syscall = syscall_times(interval);
      times.add(Spent::Syscall, syscall.with_proc);
      times.add(Spent::SyscallBlock, syscall.blocked);
      break;
    }
    case GoState::NotExist:
    case GoState::Undetermined: break;
  }
}

void AnnotationIntervals::add(GoroutineTimes& times, const RangeInterval& range) {
  switch (range.kind) {
    case RangeKind::Assist: times.add(Spent::GCAssist, range.duration()); break;
    case RangeKind::Sweep: times.add(Spent::GCSweep, range.duration()); break;
    case RangeKind::StopTheWorld: times.add(Spent::StopTheWorld, range.duration()); break;
    case RangeKind::Mark: break;
  }
}

void AnnotationIntervals::intervals(std::span<const Interval> intervals) {
  for (const Interval& interval : intervals) {
    if (merging_) {
      Crossing& crossing = crossings_[interval.slot];
      crossing.goroutine = interval.goroutine;
      if (interval.state == GoState::NotExist) {
        crossing.life = interval;
        continue;
      }
      add(crossing.times, interval);
      crossing.extend(interval.start, interval.end);
      continue;
    }
    if (interval.state == GoState::NotExist) {
      end_life(interval);
      continue;
    }
    State& state = states_[interval.slot];
    add(state.since, interval);
    state.extend(interval.start, interval.end);
  }
}

void AnnotationIntervals::stays(GoState in, std::span<const BriefStay> stays) {
  const auto add = [&](Spent spent, const BriefStay& stay) {
    if (merging_) [[unlikely]] {
      Crossing& crossing = crossings_[stay.slot];
      crossing.goroutine = goroutines_->id_of(stay.slot);
      crossing.times.add(spent, stay.duration());
      crossing.extend(stay.start, stay.end);
      return;
    }
    State& state = states_[stay.slot];
    state.since.add(spent, stay.duration());
    state.extend(stay.start, stay.end);
  };
  if (in == GoState::Waiting) {
    for (const BriefStay& stay : stays) add(spent_in(wait_kinds_[stay.reason]), stay);
  } else {
    const Spent spent = in == GoState::Running ? Spent::Execution : Spent::SchedulerWait;
    for (const BriefStay& stay : stays) add(spent, stay);
  }
}

void AnnotationIntervals::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.slot == kNoSlot || range.is_guess()) continue;
    if (merging_) {
      crossings_[range.slot].ranges.push_back(range);
    } else {
      add(states_[range.slot].since, range);
    }
  }
}

GoroutineTimes AnnotationIntervals::between(const Mark& begin, const Mark& end,
                                            const State& state) {
  GoroutineTimes times;
  for (std::size_t i = 0; i < kSpent; i++) times.of[i] = end.since.of[i] - begin.since.of[i];
  // How far into the stay that it runs in a mark is.
  const auto depth = [&](const Mark& mark) {
    return mark.time - (mark.edge == kNever ? state.first : mark.edge);
  };
  times[Spent::Execution] += begin.edge == kNever && end.edge == kNever ? end.time - begin.time
                                                                        : depth(end) - depth(begin);
  return times;
}

GoroutineTimes AnnotationIntervals::completed(GoroutineTimes times, Duration duration) {
  const bool is_sound = std::ranges::all_of(times.of, [](Duration time) { return time >= 0; });
  const Duration known = times.total();
  // A stay with an end that is a guess makes a guess of what it is a part of.
  if (!is_sound || known > duration || times[Spent::Unknown] != 0) times = {};
  times[Spent::Unknown] = duration - times.total();
  return times;
}

void AnnotationIntervals::begin_region(const Event::Record& record) {
  const Slot slot = goroutines_->slot_of_running(record.goroutine, record.time);
  if (slot == kNoSlot) return;
  State& state = states_[slot];
  if (state.open.size() == kDeepest) {
    state.too_deep++;
    return;
  }
  state.open.push_back({mark(state, record.time), translation_->text(record.args[1]),
                        TaskID{record.args[0]}, translation_->stack(record.args[2]),
                        edge_at(record)});
}

void AnnotationIntervals::end_region(const Event::Record& record) {
  const Slot slot = goroutines_->slot_of_running(record.goroutine, record.time);
  if (slot == kNoSlot) return;
  State& state = states_[slot];
  if (state.too_deep > 0) {
    state.too_deep--;
  } else if (!state.open.empty()) {
    const OpenRegion region = state.open.back();
    state.open.pop_back();
    emit(record.goroutine, region, record.time, edge_at(record),
         between(region.begin, mark(state, record.time), state));
  } else if (state.unbegun.size() < kDeepest) {
    state.unbegun.push_back({mark(state, record.time), translation_->text(record.args[1]),
                             TaskID{record.args[0]}, edge_at(record)});
  }
}

void AnnotationIntervals::begin_task(const Event::Record& record) {
  const Slot slot = goroutines_->slot_of_running(record.goroutine, record.time);
  OpenTask task;
  if (slot != kNoSlot) {
    const State& state = states_[slot];
    task.owner = {record.goroutine, slot, state.life};
    task.begin = mark(state, record.time);
  } else {
    task.begin.time = record.time;
  }
  task.parent = TaskID{record.args[1]};
  task.type = translation_->text(record.args[2]);
  task.stack = translation_->stack(record.args[3]);
  task.edge = edge_at(record);
  tasks_.begin(TaskID{record.args[0]}, task);
}

void AnnotationIntervals::end_task(const Event::Record& record) {
  const Slot slot = goroutines_->slot_of_running(record.goroutine, record.time);
  TaskEnd end;
  end.end.time = record.time;
  end.edge = edge_at(record);
  if (slot != kNoSlot) {
    const State& state = states_[slot];
    end.owner = {record.goroutine, slot, state.life};
    end.end = mark(state, record.time);
  }
  tasks_.end(
      TaskID{record.args[0]}, end,
      [this](TaskID id, const OpenTask& task, const TaskEnd& its_end) { emit(id, task, its_end); });
}

bool AnnotationIntervals::is_gone(const Owner& owner) {
  const State* const state = states_.find(owner.slot);
  return state == nullptr || state->life != owner.life;
}

void AnnotationIntervals::end_life(const Interval& life) {
  State* const state = states_.find(life.slot);
  if (state == nullptr || state->is_blank()) return;
  const Mark end{state->edge, state->since, state->edge};
  for (const OpenRegion& region : state->open) {
    const bool is_known = state->edge != kNever;
    emit(life.goroutine, region, std::max(life.end, region.begin.time),
         life.end_edge == Edge::Seen ? Edge::Unended : life.end_edge,
         is_known ? between(region.begin, end, *state) : GoroutineTimes{});
  }
  for (const UnbegunRegion& region : state->unbegun) {
    OpenRegion begun;
    begun.begin = {life.start, {}, state->first};
    begun.begin.time = std::min(life.start, region.end.time);
    begun.name = region.name;
    begun.task = region.task;
    begun.edge = life.start_edge == Edge::Trace ? Edge::Trace : Edge::Guess;
    Mark first{state->first, {}, state->first};
    emit(life.goroutine, begun, region.end.time, region.edge, between(first, region.end, *state));
  }
  *state = State{};
  state->life = ++lives_;
}

void AnnotationIntervals::emit(GoID goroutine, const OpenRegion& region, Time end, Edge edge,
                               const GoroutineTimes& times) {
  RegionInterval interval;
  interval.start = region.begin.time;
  interval.end = end;
  interval.goroutine = goroutine;
  interval.task = region.task;
  interval.name = region.name;
  interval.stack = region.stack;
  interval.start_edge = region.edge;
  interval.end_edge = edge;
  interval.times = completed(times, interval.duration());
  finished_regions_.push_back(interval);
}

void AnnotationIntervals::emit(TaskID id, const OpenTask& task, const TaskEnd& end) {
  TaskInterval interval;
  interval.start = task.begin.time;
  interval.end = std::max(end.end.time, interval.start);
  interval.id = id;
  interval.parent = task.parent;
  interval.type = task.type;
  interval.goroutine = task.owner.goroutine;
  interval.end_goroutine = end.owner.goroutine;
  interval.stack = task.stack;
  interval.start_edge = task.edge;
  interval.end_edge = end.edge;
  const bool is_of_one = end.owner.slot != kNoSlot && task.owner == end.owner;
  interval.times = completed(
      is_of_one ? between(task.begin, end.end, states_[end.owner.slot]) : GoroutineTimes{},
      interval.duration());
  finished_tasks_.push_back(interval);
}

void AnnotationIntervals::begin_merge(AnnotationIntervals& next, const SlotMap& slots) {
  merging_ = true;
  next.states_.for_each_below(static_cast<Slot>(slots.size()), [&](Slot slot, const State& state) {
    if (slots[slot] == kNoSlot || state.is_blank()) return;
    Crossing& crossing = crossings_[slots[slot]];
    crossing.next_slot = slot;
    crossing.goroutine = next.goroutines_->id_of(slot);
  });
}

void AnnotationIntervals::finish_merge(AnnotationIntervals& next, const SlotMap& slots) {
  merging_ = false;
  State blank;
  for (auto& [slot, crossing] : crossings_) {
    State& state = states_[slot];
    crossing.before = {0, state.since, state.edge};
    join(state, crossing.next_slot == kNoSlot ? blank : next.states_[crossing.next_slot], crossing);
  }
  join_tasks(next, slots);
  for (const auto& [slot, crossing] : crossings_) {
    if (crossing.life) end_life(*crossing.life);
  }
  crossings_.clear();
}

AnnotationIntervals::Mark AnnotationIntervals::carried(const Mark& mark, const State& next,
                                                       const Crossing& crossing) {
  Mark result{mark.time, crossing.before.since, mark.edge};
  // Where no stay had come before it, it may be in the first one of the following piece, in the one
  // that is open at the end of that, or in the stay that crosses the border.
  if (result.edge == kNever && next.first != kNever && mark.time >= next.first) {
    result.edge = next.first;
  }
  if (result.edge == kNever && crossing.last != kNever && mark.time >= crossing.last) {
    result.edge = crossing.last;
  }
  if (result.edge == kNever) {
    result.edge = crossing.before.edge;
  } else {
    result.since.add(crossing.times);
  }
  result.since.add(mark.since);
  for (const RangeInterval& range : crossing.ranges) {
    if (range.end <= mark.time) add(result.since, range);
  }
  return result;
}

void AnnotationIntervals::join(State& state, State& next, const Crossing& crossing) {
  state.since.add(crossing.times);
  for (const RangeInterval& range : crossing.ranges) add(state.since, range);
  state.since.add(next.since);
  if (state.first == kNever) state.first = std::min(crossing.first, next.first);
  if (next.edge != kNever) {
    state.edge = next.edge;
  } else if (crossing.last != kNever) {
    state.edge = crossing.last;
  }
  for (const UnbegunRegion& region : next.unbegun) {
    const Mark end = carried(region.end, next, crossing);
    if (state.too_deep > 0) {
      state.too_deep--;
    } else if (!state.open.empty()) {
      emit(crossing.goroutine, state.open.back(), end.time, region.edge,
           between(state.open.back().begin, end, state));
      state.open.pop_back();
    } else if (state.unbegun.size() < kDeepest) {
      state.unbegun.push_back({end, region.name, region.task, region.edge});
    }
  }
  for (OpenRegion& region : next.open) {
    if (state.open.size() == kDeepest) {
      state.too_deep++;
      continue;
    }
    region.begin = carried(region.begin, next, crossing);
    state.open.push_back(region);
  }
  state.too_deep += next.too_deep;
}

void AnnotationIntervals::join_tasks(AnnotationIntervals& next, const SlotMap& slots) {
  const auto carry = [&](Owner& owner, Mark& mark) {
    const State* const after = next.is_gone(owner) ? nullptr : next.states_.find(owner.slot);
    owner.slot = after == nullptr ? kNoSlot : slots[owner.slot];
    if (owner.slot == kNoSlot) return;
    const State& state = states_[owner.slot];
    owner.life = state.life;
    const auto crossing = crossings_.find(owner.slot);
    if (crossing != crossings_.end()) {
      mark = carried(mark, *after, crossing->second);
    } else {  // nothing but this mark is new of the goroutine
      mark = {mark.time, state.since, state.edge};
    }
  };
  struct Carry {
    const decltype(carry)& owner_and_mark;
    void operator()(OpenTask& task) const { owner_and_mark(task.owner, task.begin); }
    void operator()(TaskEnd& end) const { owner_and_mark(end.owner, end.end); }
  };
  tasks_.merge(
      next.tasks_, Carry{carry},
      [this](TaskID id, const OpenTask& task, const TaskEnd& end) { emit(id, task, end); });
}

void AnnotationIntervals::finish(const Ending& ending) {
  const Time begin = goroutines_->timeline().begin();
  tasks_.finish(
      [&](TaskID id, const TaskEnd& end) {
        OpenTask task;
        task.begin.time = std::min(begin, end.end.time);
        task.edge = Edge::Trace;
        emit(id, task, end);
      },
      [&](TaskID id, const OpenTask& task) {
        TaskEnd end;
        end.end.time = std::max(ending.time, task.begin.time);
        end.edge = Edge::Trace;  // also of a damaged one: it is as long at least
        emit(id, task, end);
      });
}

}  // namespace marey::analysis
