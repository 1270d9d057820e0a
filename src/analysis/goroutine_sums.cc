// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_sums.h"

#include "src/analysis/stay_times.h"

namespace marey::analysis {
Interests GoroutineSums::interests() {
  Interests interests;
  using enum GoState;
  interests.states = {NotExist, Runnable, Running, Waiting, Syscall};
  interests.brief = {Runnable, Running, Waiting};
  interests.roots = true;
  interests.proc_lost = true;
  interests.ranges = true;
  return interests;
}

void GoroutineSums::add(const Interval& interval) {
  switch (interval.state) {
    case GoState::Running: accumulate(sums_[interval.slot].execution, interval.duration()); break;
    case GoState::Runnable:
      accumulate(sums_[interval.slot].scheduler_wait, interval.duration());
      break;
    case GoState::Waiting:
      accumulate(waits_.at(interval.slot, raw(interval.reason)), interval.duration());
      break;
    case GoState::Syscall: {
      const SyscallTimes times = syscall_times(interval);
      accumulate(sums_[interval.slot].syscall, times.with_proc);
      accumulate(sums_[interval.slot].syscall_block, times.blocked);
      break;
    }
    case GoState::NotExist:
    case GoState::Undetermined: break;
  }
}

void GoroutineSums::add(GoState state, std::span<const BriefStay> stays) {
  switch (state) {
    case GoState::Running:
      for (const BriefStay& stay : stays) accumulate(sums_[stay.slot].execution, stay.duration());
      break;
    case GoState::Runnable:
      for (const BriefStay& stay : stays) {
        accumulate(sums_[stay.slot].scheduler_wait, stay.duration());
      }
      break;
    case GoState::Waiting:
      for (const BriefStay& stay : stays) {
        accumulate(waits_.at(stay.slot, raw(stay.reason)), stay.duration());
      }
      break;
    case GoState::Syscall:
    case GoState::NotExist:
    case GoState::Undetermined: break;
  }
}

void GoroutineSums::add(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.slot == kNoSlot || range.is_guess()) continue;
    Sums& sums = sums_[range.slot];
    switch (range.kind) {
      case RangeKind::Assist: accumulate(sums.gc_assist, range.duration()); break;
      case RangeKind::Sweep: accumulate(sums.gc_sweep, range.duration()); break;
      case RangeKind::StopTheWorld: accumulate(sums.stop_the_world, range.duration()); break;
      case RangeKind::Mark: break;
    }
  }
}

void GoroutineSums::end_life(const Interval& life, FrameNumber root) {
  record_.life = life;
  record_.root = root;
  const Sums sums = std::exchange(sums_[life.slot], {});
  GoroutineTimes& times = record_.times;
  times = {};
  times[Spent::Execution] = sums.execution;
  times[Spent::SchedulerWait] = sums.scheduler_wait;
  times[Spent::Syscall] = sums.syscall;
  times[Spent::SyscallBlock] = sums.syscall_block;
  times[Spent::GCAssist] = sums.gc_assist;
  times[Spent::GCSweep] = sums.gc_sweep;
  times[Spent::StopTheWorld] = sums.stop_the_world;
  record_.waits.clear();
  waits_.take(life.slot, [&](std::uint64_t reason, Duration time) {
    const Text text{static_cast<std::uint32_t>(reason)};
    times.add(spent_in(wait_kinds_[text]), time);
    record_.waits.push_back({text, time});
  });
  // Damage can push a state's end behind that of the life.
  const Duration known = times.total();
  times[Spent::Unknown] = std::max<Duration>(life.duration() - known, 0);
}

void GoroutineSums::keep_callback(const GoroutineRecord& record) {
  const auto [it, added] = callbacks_.try_emplace(record.life.goroutine, record);
  if (!added && it->second.life.end <= record.life.end) it->second = record;
}

void GoroutineSums::merge(GoroutineSums& next, const SlotMap& slots) {
  next.sums_.for_each_below(static_cast<Slot>(slots.size()), [&](Slot slot, const Sums& more) {
    if (slots[slot] == kNoSlot) return;
    Sums& sums = sums_[slots[slot]];
    accumulate(sums.execution, more.execution);
    accumulate(sums.scheduler_wait, more.scheduler_wait);
    accumulate(sums.syscall, more.syscall);
    accumulate(sums.syscall_block, more.syscall_block);
    accumulate(sums.gc_assist, more.gc_assist);
    accumulate(sums.gc_sweep, more.gc_sweep);
    accumulate(sums.stop_the_world, more.stop_the_world);
  });
  next.waits_.for_each(slots, [&](Slot slot, std::uint64_t reason, Duration time) {
    accumulate(waits_.at(slot, reason), time);
  });
  for (const auto& [goroutine, record] : next.callbacks_) keep_callback(record);
}

}  // namespace marey::analysis
