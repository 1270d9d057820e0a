// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "src/analysis/goroutine_intervals.h"

// Joining two neighbouring pieces: what `next` holds finds its beginning here.

namespace marey::analysis {

namespace {

/// Where a goroutine is first heard of by the event that ends its state, nothing is known of that
/// state but its end.
bool empty_after_damage(const Interval& interval) {
  return interval.start_edge == Edge::Damage && interval.end <= interval.start;
}

}  // namespace

SlotMap GoroutineIntervals::align(GoroutineIntervals& next) {
  meet_restated();
  next.flush();
  flush();
  const GoroutineTable& others = next.table_;
  SlotMap slots(others.slot_count(), kNoSlot);
  fresh_.assign(others.slot_count(), false);
  const bool gap = timeline_.gap_before(next.timeline_);
  const auto apart = [&](const Goroutine& g, const Goroutine& other) {
    return gap || timeline_.gap(g.last_generation, timeline_.last()) ||
           next.timeline_.gap(0, other.first_generation);
  };

  // The dead come first: in a damaged trace another goroutine may have got the same id after them.
  enum : std::uint8_t { Dead, Older, Born };
  const auto rank = [](const Goroutine& g) {
    if (g.has(Goroutine::Dead)) return Dead;
    return g.has(Goroutine::History) ? Born : Older;
  };
  for (const auto turn : {Dead, Older, Born}) {
    for (Slot slot = 0; slot < others.slot_count(); slot++) {
      if (!others.in_use(slot) || rank(others.at(slot)) != turn) continue;
      const Goroutine& other = others.at(slot);
      Goroutine* g = table_.find(raw(other.goroutine));
      // Of another trace in the same file, or created anew.
      if (g != nullptr && (turn == Born || (other.has(Goroutine::FromTrace) && apart(*g, other)))) {
        const bool away = apart(*g, other);
        const Time end = away ? timeline_.end_of(g->last_generation, next.timeline_) : other.born;
        if (!away && g->syscall_proc != -1 && syscalls_.holds(g->syscall_proc, g->slot)) {
          lose_proc(*g, g->syscall_proc, next, end);
        }
        // What another trace in the file finds there was not created in the midst of that state.
        const bool is_cut = away || other.birth != Edge::Seen;
        close_at(*g, end, is_cut ? Edge::Damage : Edge::Guess);
        end_life(*g, end, Edge::Damage, true);
        g = nullptr;
      }
      if (g == nullptr) {
        g = &table_.add(other.goroutine);
        fresh_[slot] = true;
      }
      if (turn == Dead) table_.forget_id(*g);
      slots[slot] = g->slot;
    }
  }
  flush();
  return slots;
}

void GoroutineIntervals::stitch(GoroutineIntervals& next, const SlotMap& slots) {
  if (interests_.proc_lost) stitch_syscalls(next, slots);
  const Before before{timeline_.last_sync(), timeline_.begins_trace()};
  const std::uint32_t offset = timeline_.offset(next.timeline_);
  timeline_.merge(next.timeline_);
  for (Slot slot = 0; slot < slots.size(); slot++) {
    if (slots[slot] == kNoSlot) continue;
    Goroutine& other = next.table_.at(slot);
    other.first_generation += offset;
    other.last_generation += offset;
    Goroutine& g = table_.at(slots[slot]);
    if (fresh_[slot]) {
      adopt(g, other, next, before);
    } else {
      continue_with(g, other, next);
    }
  }
  for (const auto& [id, restated] : next.restated_) {
    Goroutine other;
    other.goroutine = GoID{id};
    other.first_generation = other.last_generation = offset;
    come_in(other, restated.stay, restated.running, restated.time);
    other.root = restated.root;
    if (Goroutine* const g = table_.find(id)) {
      continue_with(*g, other, next);
    } else {
      adopt(table_.add(other.goroutine), other, next, before);
    }
  }
  flush();
}

void GoroutineIntervals::adopt(Goroutine& g, Goroutine& other, GoroutineIntervals& next,
                               const Before& before) {
  const Slot slot = g.slot;
  g = other;
  g.slot = slot;
  g.held = 0;
  for (Held& held : next.take_held(other)) {
    held.interval.slot = slot;
    hold(g, held.interval, held.head, held.has_own_stack);
  }
  if (g.has(Goroutine::History)) return;
  if (g.has(Goroutine::FromTrace) && before.last_sync) {
    give_history(g, *before.last_sync, Edge::Trace);
  } else if (before.begins_trace) {
    give_history(g, g.born, Edge::Damage);
  }
}

void GoroutineIntervals::give_history(Goroutine& g, Time born, Edge birth) {
  g.born = born;
  g.birth = birth;
  g.flags |= Goroutine::History;
  const bool ran = (g.slow & Goroutine::NotRun) == 0;
  for (Held& held : take_held(g)) {
    Interval& interval = held.interval;
    if (held.head) {
      interval.start = birth == Edge::Trace ? born : interval.seen;
      interval.start_edge = birth;
      if (empty_after_damage(interval)) continue;
    }
    if (ran) {
      if (interval.state != GoState::Running) interval.ran = Ran::Later;
      push(interval);
    } else {
      hold(g, interval, false, held.has_own_stack);
    }
  }
  if ((g.slow & Goroutine::Head) != 0) {
    g.slow &= static_cast<std::uint8_t>(~Goroutine::Head);
    g.start_edge = birth;
  }
  end_deferred_life(g);
}

void GoroutineIntervals::end_deferred_life(Goroutine& g) {
  if (!g.has(Goroutine::Dead) && (g.slow & Goroutine::Done) == 0) return;
  g.slow &= static_cast<std::uint8_t>(~Goroutine::Done);
  end_life(g, g.died, g.death, g.has(Goroutine::Dead));
}

void GoroutineIntervals::continue_with(Goroutine& g, Goroutine& other, GoroutineIntervals& next) {
  g.flags |= Goroutine::Older;
  g.callback = g.callback || other.callback;
  const bool ran = (other.slow & Goroutine::NotRun) == 0;
  const bool gap = timeline_.gap(g.last_generation, other.first_generation);
  const bool done = (g.slow & Goroutine::Done) != 0;
  const bool contradicted = !done && (gap || g.stay != other.head);
  if (contradicted) {
    const Time end = gap ? timeline_.end_of(g.last_generation) : other.born;
    cut(g, end, gap ? Edge::Damage : Edge::Guess, other.born, other.head,
        static_cast<GoState>(other.head));
    g.proc_lost = other.proc_lost;
    g.syscall_proc = other.syscall_proc;
  }
  for (const Held& held : next.take_held(other)) {
    if (done) continue;
    Interval interval = held.interval;
    interval.slot = g.slot;
    interval.callback = g.callback;
    interval.older = g.older;
    // What has not run in `next` so far is where it was.
    if (!held.has_own_stack) interval.own_stack = g.own_stack;
    if (held.head) {
      Interval begun;
      begin_interval(begun, g);
      static_cast<StayBegin&>(interval) = begun;
      interval.start = begun.start;
      interval.proc_lost = contradicted ? held.interval.proc_lost : begun.proc_lost;
      if (!empty_after_damage(interval)) add(g, interval);
      g.slow &= static_cast<std::uint8_t>(~Goroutine::Head);
    } else if ((g.slow & Goroutine::NotRun) == 0) {
      push(interval);
    } else {
      hold(g, interval, false, held.has_own_stack || g.has(Goroutine::OwnStack));
    }
  }
  if (other.has(Goroutine::Moved)) {
    g.slow &= static_cast<std::uint8_t>(~Goroutine::Head);
    g.flags |= Goroutine::Moved;
    take_begin(g, other);
    if (other.has(Goroutine::OwnStack)) g.own_stack = other.own_stack;
    g.flags |= other.flags & Goroutine::OwnStack;
    g.stay = other.stay;
    g.proc_lost = other.proc_lost;
    g.syscall_proc = other.syscall_proc;
  }
  if (ran && (g.slow & Goroutine::NotRun) != 0) run(g);
  g.root.learn(other.root);
  g.last_generation = other.last_generation;
  if (other.has(Goroutine::Dead) || (other.slow & Goroutine::Done) != 0) {
    end_life(g, other.died, other.death, other.has(Goroutine::Dead));
  }
}

void GoroutineIntervals::stitch_syscalls(GoroutineIntervals& next, const SlotMap& slots) {
  // When the goroutines that come into `next` in a system call left it.
  boost::unordered_flat_map<Slot, Time> left_at;
  for (Slot slot = 0; slot < slots.size(); slot++) {
    if (slots[slot] == kNoSlot || fresh_[slot]) continue;
    const Goroutine& g = table_.at(slots[slot]);
    const Goroutine& other = next.table_.at(slot);
    if (g.stay != Stay::Syscall) continue;
    if (other.head != Stay::Syscall) left_at[g.slot] = other.born;
    if (!other.has(Goroutine::Moved)) continue;
    for (std::uint32_t held = other.held; held != 0; held = next.held_[held].next) {
      if (next.held_[held].head) left_at.try_emplace(g.slot, next.held_[held].interval.end);
    }
  }
  for (const auto& [id, restated] : next.restated_) {
    const Goroutine* const g = table_.find(id);
    if (g == nullptr || g->stay != Stay::Syscall || restated.stay == Stay::Syscall) continue;
    left_at[g->slot] = restated.time;
  }
  const bool gap = timeline_.gap_before(next.timeline_);
  syscalls_.for_each([&](std::int64_t proc, SyscallProcs::Entry& entry) {
    if (entry.slot == kNoSlot) return;
    if (!table_.in_use(entry.slot)) {  // its goroutine has just ended, in align()
      entry.slot = kNoSlot;
      return;
    }
    Goroutine& g = table_.at(entry.slot);
    const auto left = left_at.find(entry.slot);
    const bool stays = !gap && left == left_at.end();
    if (!gap) lose_proc(g, proc, next, stays ? kNever : left->second);
    if (!stays) entry.slot = kNoSlot;
  });
  for (const auto& [slot, left] : left_at) table_.at(slot).syscall_proc = -1;
  next.syscalls_.for_each([&](std::int64_t proc, const SyscallProcs::Entry& after) {
    SyscallProcs::Entry& entry = syscalls_.at(proc);
    if (!entry.touched && !gap) entry.first_stop = after.first_stop;
    if (!after.touched) return;
    entry.touched = true;
    const Slot slot = after.slot == kNoSlot ? kNoSlot : slots[after.slot];
    if (slot == kNoSlot) {
      entry.slot = kNoSlot;
      return;
    }
    // A goroutine that went on being in its system call keeps the proc with which it is known here.
    const bool entered = fresh_[after.slot] || next.table_.at(after.slot).has(Goroutine::Moved) ||
                         table_.at(slot).stay != Stay::Syscall;
    if (entered) entry.slot = slot;
  });
}

void GoroutineIntervals::lose_proc(Goroutine& g, std::int64_t proc, GoroutineIntervals& next,
                                   Time left) {
  const Time stop = next.syscalls_.at(proc).first_stop;
  if (stop < left) g.proc_lost = stop;
}

}  // namespace marey::analysis
