// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "src/analysis/goroutine_intervals.h"

// Joining two neighbouring pieces: what `next` holds finds its beginning here.

namespace marey::analysis {

namespace {

/// Takes over the state that `other` is in; `g` stays who it is.
void take_begin(Goroutine& g, const StayBegin& other) {
  const Slot slot = g.slot;
  const GoID id = g.goroutine;
  const bool callback = g.callback;
  static_cast<StayBegin&>(g) = other;
  g.slot = slot;
  g.goroutine = id;
  g.callback = callback;
}

}  // namespace

SlotMap GoroutineIntervals::align(GoroutineIntervals& next) {
  next.flush();
  flush();
  const GoroutineTable& others = next.table_;
  SlotMap slots(others.slot_count(), kNoSlot);
  fresh_.assign(others.slot_count(), false);
  const bool gap = timeline_.gap_before(next.timeline_);

  // The dead come first: in a damaged trace another goroutine may have got the same id after them.
  enum : std::uint8_t { kDead, kOlder, kBorn };
  const auto rank = [](const Goroutine& g) {
    if (g.has(Goroutine::kDead)) return kDead;
    return g.has(Goroutine::kHistory) || g.has(Goroutine::kFromTrace) ? kBorn : kOlder;
  };
  for (const auto turn : {kDead, kOlder, kBorn}) {
    for (Slot slot = 0; slot < others.slot_count(); slot++) {
      if (!others.in_use(slot) || rank(others.at(slot)) != turn) continue;
      const Goroutine& other = others.at(slot);
      Goroutine* g = table_.find(raw(other.goroutine));
      if (g != nullptr && turn == kBorn) {
        const Time end = gap ? timeline_.end_of(g->last_generation) : other.born;
        close_at(*g, end, Edge::Damage);
        end_life(*g, end, Edge::Damage, true);
        g = nullptr;
      }
      if (g == nullptr) {
        g = &table_.add(other.goroutine);
        fresh_[slot] = true;
      }
      if (turn == kDead) table_.forget_id(*g);
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
    hold(g, held.interval, held.head);
  }
  if (g.has(Goroutine::kHistory)) return;
  if (g.has(Goroutine::kFromTrace) && before.last_sync) {
    give_history(g, *before.last_sync, Edge::Trace);
  } else if (before.begins_trace) {
    give_history(g, g.born, Edge::Damage);
  }
}

void GoroutineIntervals::give_history(Goroutine& g, Time born, Edge birth) {
  g.born = born;
  g.birth = birth;
  g.flags |= Goroutine::kHistory;
  const bool ran = (g.slow & Goroutine::kNotRun) == 0;
  for (Held& held : take_held(g)) {
    Interval& interval = held.interval;
    if (held.head) {
      interval.start = birth == Edge::Trace ? born : interval.seen;
      interval.start_edge = birth;
    }
    if (ran) {
      if (interval.state != GoState::Running) interval.ran = Ran::Later;
      push(interval);
    } else {
      hold(g, interval, false);
    }
  }
  if ((g.slow & Goroutine::kHead) != 0) {
    g.slow &= static_cast<std::uint8_t>(~Goroutine::kHead);
    g.start_edge = birth;
  }
  end_deferred_life(g);
}

void GoroutineIntervals::end_deferred_life(Goroutine& g) {
  if (!g.has(Goroutine::kDead) && (g.slow & Goroutine::kDone) == 0) return;
  g.slow &= static_cast<std::uint8_t>(~Goroutine::kDone);
  end_life(g, g.died, g.death, g.has(Goroutine::kDead));
}

void GoroutineIntervals::continue_with(Goroutine& g, Goroutine& other, GoroutineIntervals& next) {
  const bool ran = (other.slow & Goroutine::kNotRun) == 0;
  const bool gap = timeline_.gap(g.last_generation, other.first_generation);
  const bool done = (g.slow & Goroutine::kDone) != 0;
  if (!done && (gap || g.stay != other.head)) {
    close_at(g, gap ? timeline_.end_of(g.last_generation) : other.born, Edge::Damage);
    leave_syscall(g);
    g.slow &= static_cast<std::uint8_t>(~Goroutine::kHead);
    g.flags |= Goroutine::kMoved;
    StayBegin unknown;
    unknown.seen = other.born;
    unknown.state = static_cast<GoState>(other.head);
    unknown.start_edge = Edge::Damage;
    take_begin(g, unknown);
    g.stay = other.head;
  }
  for (const Held& held : next.take_held(other)) {
    if (done) continue;
    Interval interval = held.interval;
    interval.slot = g.slot;
    interval.callback = g.callback;
    if (held.head) {
      Interval begun;
      begin_interval(begun, g);
      static_cast<StayBegin&>(interval) = begun;
      interval.start = begun.start;
      interval.proc_lost = begun.proc_lost;
      add(g, interval);
      g.slow &= static_cast<std::uint8_t>(~Goroutine::kHead);
    } else if ((g.slow & Goroutine::kNotRun) == 0) {
      push(interval);
    } else {
      hold(g, interval, false);
    }
  }
  if (other.has(Goroutine::kMoved)) {
    g.slow &= static_cast<std::uint8_t>(~Goroutine::kHead);
    g.flags |= Goroutine::kMoved;
    take_begin(g, other);
    g.stay = other.stay;
    g.proc_lost = other.proc_lost;
    g.syscall_proc = other.syscall_proc;
  }
  if (ran && (g.slow & Goroutine::kNotRun) != 0) run(g);
  if (g.root == FrameNumber::None) g.root = other.root;
  g.last_generation = other.last_generation;
  if (other.has(Goroutine::kDead) || (other.slow & Goroutine::kDone) != 0) {
    end_life(g, other.died, other.death, other.has(Goroutine::kDead));
  }
}

void GoroutineIntervals::stitch_syscalls(GoroutineIntervals& next, const SlotMap& slots) {
  // When the goroutines that came into `next` in a system call left it.
  boost::unordered_flat_map<Slot, Time> left_at;
  for (Slot slot = 0; slot < slots.size(); slot++) {
    if (slots[slot] == kNoSlot) continue;
    const Goroutine& other = next.table_.at(slot);
    if (other.head != Stay::Syscall || !other.has(Goroutine::kMoved)) continue;
    for (std::uint32_t held = other.held; held != 0; held = next.held_[held].next) {
      if (next.held_[held].head) left_at[slots[slot]] = next.held_[held].interval.end;
    }
  }
  next.syscalls_.for_each([&](std::int64_t proc, SyscallProcs::Entry& after) {
    SyscallProcs::Entry& entry = syscalls_.at(proc);
    if (!entry.touched) entry.first_stop = after.first_stop;
    if (!after.touched) return;
    if (entry.slot != kNoSlot && after.first_stop != kNever) {
      const auto left = left_at.find(entry.slot);
      if (left == left_at.end() || after.first_stop < left->second) {
        table_.at(entry.slot).proc_lost = after.first_stop;
      }
    }
    entry.touched = true;
    entry.slot = after.slot == kNoSlot ? kNoSlot : slots[after.slot];
  });
  // Who leaves a system call takes whoever is then in one on the same proc out of the books.
  for (const auto& [slot, time] : left_at) {
    const std::int64_t proc = table_.at(slot).syscall_proc;
    if (proc == -1) continue;
    const SyscallProcs::Entry& after = next.syscalls_.at(proc);
    const bool entered_later =
        after.touched && (after.slot == kNoSlot || next.table_.at(after.slot).seen > time);
    if (!entered_later) syscalls_.leave(proc);
  }
}

}  // namespace marey::analysis
