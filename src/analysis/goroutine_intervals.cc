// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_intervals.h"

#include <algorithm>
#include <utility>

#include "src/wire/event_types.h"

namespace marey::analysis {

using wire::EventType;
using wire::GoStatus;

namespace {

GoState state_of(Stay stay) { return static_cast<GoState>(stay); }

GoState state_of(std::uint64_t status) {
  switch (static_cast<GoStatus>(status)) {
    case GoStatus::Runnable: return GoState::Runnable;
    case GoStatus::Running: return GoState::Running;
    case GoStatus::Syscall: return GoState::Syscall;
    case GoStatus::Waiting: return GoState::Waiting;
    case GoStatus::Bad: break;
  }
  return GoState::Undetermined;
}

}  // namespace

GoroutineIntervals::GoroutineIntervals(const GoroutineInterests& interests,
                                       Translation& translation, IntervalTaker& taker)
    : interests_{interests.states, interests.brief, interests.roots,
                 interests.proc_lost && interests.states.has(GoState::Syscall), interests.stacks},
      actions_(make_actions(interests_)),
      translation_(translation),
      taker_(taker),
      forever_(translation.vocabulary().add_text("forever")) {
  for (Batch& batch : batches_) batch.intervals = std::make_unique<Interval[]>(kBatch);
  for (std::size_t state = 0; state < kGoStateCount; state++) {
    if (!interests_.brief.has(static_cast<GoState>(state))) continue;
    stay_batches_[state].stays = std::make_unique<BriefStay[]>(kStayBatch);
  }
}

Stay GoroutineIntervals::stay_of(GoState state) const {
  return interests_.states.has(state) ? static_cast<Stay>(state) : Stay::Other;
}

std::array<GoroutineIntervals::Action, 256> GoroutineIntervals::make_actions(
    const GoroutineInterests& interests) {
  std::array<Action, 256> actions{};
  const auto set = [&](EventType type, Action::Kind kind, GoState from, GoState to) -> Action& {
    Action& action = actions[order::type_number(type)];
    action.kind = kind;
    action.from = interests.states.has(from) ? static_cast<Stay>(from) : Stay::Other;
    action.to = interests.states.has(to) ? static_cast<Stay>(to) : Stay::Other;
    if (from == GoState::NotExist) action.from = Stay::Other;
    if (to == GoState::NotExist) action.to = Stay::Other;
    action.ends_brief = action.from != Stay::Other && interests.brief.has(from);
    action.begins_brief = action.to != Stay::Other && interests.brief.has(to);
    action.on_context =
        kind == Action::Destroy || from == GoState::Running || from == GoState::Syscall;
    action.was_running = from == GoState::Running;
    action.runs = to == GoState::Running;
    action.leaves_syscall = interests.proc_lost && from == GoState::Syscall;
    action.enters_syscall = interests.proc_lost && to == GoState::Syscall;
    action.stack = Argument(wire::spec_of(type).stack_args[0]);
    return action;
  };
  using enum GoState;
  set(EventType::GoCreate, Action::Create, NotExist, Runnable).root = 1;
  set(EventType::GoCreateBlocked, Action::Create, NotExist, Waiting).root = 1;
  set(EventType::GoCreateSyscall, Action::Create, NotExist, Syscall);
  set(EventType::GoStart, Action::Change, Runnable, Running);
  set(EventType::GoStop, Action::Change, Running, Runnable);
  set(EventType::GoBlock, Action::Change, Running, Waiting);
  set(EventType::GoUnblock, Action::Change, Waiting, Runnable);
  set(EventType::GoSwitch, Action::Change, Waiting, Runnable);
  set(EventType::GoSwitchDestroy, Action::Change, Waiting, Runnable);
  set(EventType::GoSyscallBegin, Action::Change, Running, Syscall);
  set(EventType::GoSyscallEnd, Action::Change, Syscall, Running);
  set(EventType::GoSyscallEndBlocked, Action::Change, Syscall, Runnable);
  set(EventType::GoDestroy, Action::Destroy, Running, NotExist);
  set(EventType::GoDestroySyscall, Action::Destroy, Syscall, NotExist);
  set(EventType::GoStatus, Action::Status, Undetermined, Undetermined);
  set(EventType::GoStatusStack, Action::Status, Undetermined, Undetermined).root = 3;
  for (const EventType type : {EventType::GoStop, EventType::GoBlock, EventType::GoSyscallBegin}) {
    actions[order::type_number(type)].root = wire::spec_of(type).stack_args[0];
  }
  for (const EventType type : {EventType::GoCreate, EventType::GoCreateBlocked, EventType::GoBlock,
                               EventType::GoSyscallBegin}) {
    actions[order::type_number(type)].has_whole_stack = true;
  }
  for (const EventType type : {EventType::GoStop, EventType::GoBlock}) {
    actions[order::type_number(type)].reason = Argument(wire::spec_of(type).string_args[0]);
  }
  actions[order::type_number(EventType::GoBlock)].waits =
      interests.states.has(Waiting) || interests.states.has(NotExist);
  for (Action& action : actions) {
    if (interests.stacks) action.own_stack = action.root;
    if (!interests.roots) action.root = -1;
  }
  // Where a goroutine goes from one state into another and neither is asked for, all that is to be
  // learned is that it runs, and that is told by whatever makes it run.
  for (Action& action : actions) {
    const bool is_change = action.kind == Action::Change;
    if (is_change && action.from == Stay::Other && action.to == Stay::Other && !action.runs &&
        !action.waits && action.root < 0 && action.own_stack < 0) {
      action.kind = Action::Skip;
    }
    if (action.kind == Action::Change) {
      Goroutine expected;
      expected.stay = action.from;
      action.plain_condition = expected.condition();
    }
    action.has_more =
        action.waits || action.leaves_syscall || action.enters_syscall || action.root >= 0;
  }
  return actions;
}

inline void GoroutineIntervals::end_interval(Interval& interval, const Action& action,
                                             const Event::Record& record) {
  if (interests_.stacks) interval.end_stack = translation_.stack(action.stack.of(record));
  interval.end = record.time;
  interval.end_by = record.goroutine;
  interval.end_thread = record.thread;
  interval.end_proc = record.proc;
  interval.end_event = static_cast<EventType>(record.type);
  interval.end_edge = edge_at(record);
}

inline void GoroutineIntervals::enter_syscall(Goroutine& g, const Event::Record& record) {
  leave_syscall(g);  // whose end damage has taken
  g.syscall_proc = raw(record.proc);
  if (g.syscall_proc != -1) syscalls_.enter(g.syscall_proc, g.slot);
}

inline void GoroutineIntervals::note_own_stack(Goroutine& g, const Action& action,
                                               const Event::Record& record) {
  if (action.own_stack < 0) return;
  g.own_stack = translation_.stack(record.args[static_cast<std::size_t>(action.own_stack)]);
  g.flags |= Goroutine::OwnStack;
}

inline void GoroutineIntervals::begin_stay(Goroutine& g, const Action& action,
                                           const Event::Record& record) {
  g.stay = action.to;
  note_own_stack(g, action, record);
  if (action.to == Stay::Other) return;
  g.seen = record.time;
  g.state = state_of(action.to);
  g.start_edge = edge_at(record);
  g.reason = translation_.text(action.reason.of(record));
  if (action.begins_brief) return;
  g.start_by = record.goroutine;
  g.start_thread = record.thread;
  g.told_by_other = false;
  g.start_proc = record.proc;
  g.start_event = static_cast<EventType>(record.type);
  g.stack = translation_.stack(action.stack.of(record));
}

inline void GoroutineIntervals::enter(Goroutine& g, const Action& action,
                                      const Event::Record& record) {
  begin_stay(g, action, record);
  if (action.enters_syscall) enter_syscall(g, record);
  if (action.waits) {
    if (translation_.text(action.reason.of(record)) == forever_)
      end_life(g, record.time, Edge::Seen, false);
  }
}

inline void GoroutineIntervals::change(Goroutine& g, const Action& action,
                                       const Event::Record& record) {
  if (action.ends_brief && g.start_edge == Edge::Seen) {
    note_own_stack(g, action, record);
    BriefStay& stay = next_stay(state_of(action.from));
    stay.start = g.seen;
    stay.end = record.time;
    stay.slot = g.slot;
    stay.reason = g.reason;
    stay.stack = g.own_stack;
  } else if (action.from != Stay::Other) {
    Interval& interval = next_interval(state_of(action.from));
    begin_interval(interval, g);
    end_interval(interval, action, record);
  }
  if (!action.has_more) {
    begin_stay(g, action, record);
    return;
  }
  if (action.leaves_syscall) leave_syscall(g);
  enter(g, action, record);
  if (!g.root.is_sure) g.root.learn(root_of(action, record));
}

const Event::Record* GoroutineIntervals::events(const Event::Record* first,
                                                const Event::Record* last) {
  for (const Event::Record* record = first; record != last; record++) {
    const Action& action = actions_[record->type];
    if (!action.only_here) return record;
    Goroutine* const g = table_.find(
        action.on_context ? raw(record->goroutine) : static_cast<std::int64_t>(record->args[0]));
    if (g != nullptr && g->condition() == action.plain_condition && !record->guessed) [[likely]] {
      change(*g, action, *record);
    } else {
      event(*record);
    }
  }
  return last;
}

void GoroutineIntervals::event(const Event::Record& record) {
  const Action& action = actions_[record.type];
  switch (action.kind) {
    case Action::Skip: return;
    case Action::Change: {
      const std::int64_t id =
          action.on_context ? raw(record.goroutine) : static_cast<std::int64_t>(record.args[0]);
      if (id == raw(kNoGoroutine)) return;
      Goroutine* g = find(id);
      if (g == nullptr) g = &meet(id, action.from, action.was_running, record.time);
      return change_slowly(*g, action, record);
    }
    case Action::Create: return create(action, record);
    case Action::Destroy: return destroy(action, record);
    case Action::Status: return status(action, record);
  }
}

void GoroutineIntervals::change_slowly(Goroutine& g, const Action& action,
                                       const Event::Record& record) {
  if ((g.slow & Goroutine::Done) != 0) {
    g.stay = action.to;
    return;
  }
  // What came before its first run is known now to have been followed by one, and need not be held.
  Ran ran = Ran::Before;
  if (action.runs && g.stay == action.from && (g.slow & Goroutine::NotRun) != 0 &&
      g.has(Goroutine::History)) {
    run(g);
    ran = Ran::Later;
  }
  leave(g, action, record, ran);
  enter(g, action, record);
  if (action.runs && (g.slow & Goroutine::NotRun) != 0) run(g);
  if (!g.root.is_sure) g.root.learn(root_of(action, record));
}

void GoroutineIntervals::leave(Goroutine& g, const Action& action, const Event::Record& record,
                               Ran ran) {
  if (g.stay != action.from) {
    close_at(g, record.time, Edge::Guess);
    leave_syscall(g);
    lose_own_stack(g);
  } else {
    if (g.stay != Stay::Other) close(g, action, record, ran);
    if (action.leaves_syscall) leave_syscall(g);
  }
  if (action.was_running && (g.slow & Goroutine::NotRun) != 0) run(g);
  g.slow &= static_cast<std::uint8_t>(~Goroutine::Head);
  g.flags |= Goroutine::Moved;
}

void GoroutineIntervals::create(const Action& action, const Event::Record& record) {
  const auto id = static_cast<std::int64_t>(record.args[0]);
  if (id == raw(kNoGoroutine)) return;
  if (Goroutine* const old = find(id)) {
    close_at(*old, record.time, Edge::Guess);
    end_life(*old, record.time, Edge::Damage, true);
  }
  Goroutine& g = start_life(GoID{id}, record.time, Edge::Seen);
  g.callback = static_cast<EventType>(record.type) == EventType::GoCreateSyscall;
  enter(g, action, record);
  g.root = root_of(action, record);
}

void GoroutineIntervals::destroy(const Action& action, const Event::Record& record) {
  const std::int64_t id = raw(record.goroutine);
  if (id == raw(kNoGoroutine)) return;
  Goroutine* g = find(id);
  if (g == nullptr) g = &meet(id, action.from, action.was_running, record.time);
  if ((g->slow & Goroutine::Done) == 0) leave(*g, action, record, Ran::Before);
  if (static_cast<EventType>(record.type) == EventType::GoDestroySyscall) g->callback = true;
  end_life(*g, record.time, Edge::Seen, true);
}

void GoroutineIntervals::status(const Action& action, const Event::Record& record) {
  const auto id = static_cast<std::int64_t>(record.args[0]);
  const auto from = static_cast<GoState>(record.args[2] >> 32);
  const GoState to = state_of(record.args[2] & 0xffff'ffff);
  if (id == raw(kNoGoroutine) || to == GoState::Undetermined) return;
  const Stay stay = stay_of(to);
  Goroutine* g = find(id);
  Action entering = action;
  entering.to = stay;
  entering.begins_brief = stay != Stay::Other && interests_.brief.has(to);
  entering.enters_syscall = interests_.proc_lost && to == GoState::Syscall;
  if (g == nullptr && (from == GoState::Undetermined || from == GoState::NotExist)) {
    const auto sync = timeline_.last_sync();
    if (sync) {
      g = &start_life(GoID{id}, *sync, Edge::Trace);
      g->older = true;
      g->flags |= Goroutine::Older;
    } else {
      g = &meet(id, stay, false, record.time);
      g->flags |= Goroutine::FromTrace;
    }
    enter(*g, entering, record);
    g->start_edge = Edge::Trace;
    // The thread that the goroutine is on tells of itself, or another of one in a system call.
    const ThreadID own{static_cast<std::int64_t>(record.args[1])};
    g->told_by_other = own != kNoThread && own != record.thread;
    if (g->told_by_other) g->start_thread = own;
    if (to == GoState::Running) g->slow &= static_cast<std::uint8_t>(~Goroutine::NotRun);
  } else if (g == nullptr) {
    restated_.emplace(id,
                      Restated{record.time, root_of(action, record), stay, to == GoState::Running});
  } else if (g->stay != stay && (g->slow & Goroutine::Done) == 0) {
    cut(*g, record.time, Edge::Guess, record.time, stay, to);
    if (from == GoState::Undetermined && entering.enters_syscall) enter_syscall(*g, record);
    if (to == GoState::Running && (g->slow & Goroutine::NotRun) != 0) run(*g);
  }
  if (g != nullptr && !g->root.is_sure) g->root.learn(root_of(action, record));
}

Goroutine& GoroutineIntervals::meet(std::int64_t id, Stay stay, bool running, Time time) {
  Goroutine& g = table_.add(GoID{id});
  come_in(g, stay, running, time);
  return g;
}

Goroutine* GoroutineIntervals::find(std::int64_t id) {
  if (Goroutine* const g = table_.find(id); g != nullptr || restated_.empty()) return g;
  const auto it = restated_.find(id);
  if (it == restated_.end()) return nullptr;
  const Restated restated = it->second;
  restated_.erase(it);
  Goroutine& g = meet(id, restated.stay, restated.running, restated.time);
  g.root = restated.root;
  return &g;
}

void GoroutineIntervals::meet_restated() {
  for (const auto& [id, restated] : std::exchange(restated_, {})) {
    meet(id, restated.stay, restated.running, restated.time).root = restated.root;
  }
}

void GoroutineIntervals::come_in(Goroutine& g, Stay stay, bool running, Time time) {
  g.stay = g.head = stay;
  g.seen = g.born = time;
  g.state = state_of(stay);
  g.slow = running ? Goroutine::Head : Goroutine::Head | Goroutine::NotRun;
  g.older = true;
  g.flags |= Goroutine::Older;
}

Slot GoroutineIntervals::slot_of_running(GoID id, Time time) {
  if (id == kNoGoroutine || interests_.states.empty()) return kNoSlot;
  if (find(raw(id)) == nullptr) meet(raw(id), stay_of(GoState::Running), true, time);
  return slot_of(id);
}

Goroutine& GoroutineIntervals::start_life(GoID id, Time born, Edge birth) {
  Goroutine& g = table_.add(id);
  g.born = born;
  g.birth = birth;
  g.slow = Goroutine::NotRun;
  g.flags = Goroutine::History;
  return g;
}

Root GoroutineIntervals::root_of(const Action& action, const Event::Record& record) {
  if (action.root < 0) return {};
  const std::uint64_t stack = record.args[static_cast<std::size_t>(action.root)];
  if (stack == 0) return {};
  Root root = translation_.root(stack);
  // Of a goroutine that was interrupted anywhere in its code, the runtime may miss callers.
  root.is_sure = root.is_sure && action.has_whole_stack;
  return root;
}

void GoroutineIntervals::leave_syscall(Goroutine& g) {
  if (g.syscall_proc != -1) syscalls_.leave(std::exchange(g.syscall_proc, -1), g.slot);
  g.proc_lost = kNever;
}

void GoroutineIntervals::proc_stopped(std::int64_t proc, Time time) {
  const Slot slot = syscalls_.stop(proc, time);
  if (slot != kNoSlot) table_.at(slot).proc_lost = time;
}

void GoroutineIntervals::close(Goroutine& g, const Action& action, const Event::Record& record,
                               Ran ran) {
  Interval interval;
  begin_interval(interval, g);
  interval.ran = ran;
  end_interval(interval, action, record);
  add(g, interval);
}

void GoroutineIntervals::close_at(Goroutine& g, Time time, Edge edge) {
  if (g.stay == Stay::Other || (g.slow & Goroutine::Done) != 0) return;
  Interval interval;
  begin_interval(interval, g);
  interval.end = time;
  interval.end_edge = edge;
  add(g, interval);
}

void GoroutineIntervals::cut(Goroutine& g, Time end, Edge edge, Time start, Stay stay,
                             GoState state) {
  close_at(g, end, edge);
  leave_syscall(g);
  g.slow &= static_cast<std::uint8_t>(~Goroutine::Head);
  g.flags |= Goroutine::Moved;
  StayBegin unknown;
  unknown.seen = start;
  unknown.state = state;
  unknown.start_edge = Edge::Damage;
  take_begin(g, unknown);
  lose_own_stack(g);
  g.stay = stay;
}

void GoroutineIntervals::lose_own_stack(Goroutine& g) {
  g.own_stack = StackNumber::None;
  g.flags |= Goroutine::OwnStack;
}

void GoroutineIntervals::take_begin(Goroutine& g, const StayBegin& other) {
  const Slot slot = g.slot;
  const GoID id = g.goroutine;
  const bool callback = g.callback;
  const bool older = g.older;
  const StackNumber own_stack = g.own_stack;
  static_cast<StayBegin&>(g) = other;
  g.own_stack = own_stack;
  g.slot = slot;
  g.goroutine = id;
  g.callback = callback;
  g.older = older;
}

void GoroutineIntervals::add(Goroutine& g, Interval interval) {
  interval.end = std::max(interval.end, interval.seen);
  if ((g.slow & Goroutine::Head) != 0) {
    hold(g, interval, true, g.has(Goroutine::OwnStack));
  } else if ((g.slow & Goroutine::NotRun) != 0 && g.stay != Stay::Running) {
    hold(g, interval, false, g.has(Goroutine::OwnStack));
  } else {
    push(interval);
  }
}

void GoroutineIntervals::run(Goroutine& g) {
  g.slow &= static_cast<std::uint8_t>(~Goroutine::NotRun);
  if (g.has(Goroutine::History)) release_held(g, Ran::Later);
}

void GoroutineIntervals::hold(Goroutine& g, const Interval& interval, bool head,
                              bool has_own_stack) {
  std::uint32_t index = 0;
  if (free_held_.empty()) {
    index = static_cast<std::uint32_t>(held_.size());
    held_.emplace_back();
  } else {
    index = free_held_.back();
    free_held_.pop_back();
  }
  held_[index] = {interval, g.held, head, has_own_stack};
  g.held = index;
}

std::vector<GoroutineIntervals::Held> GoroutineIntervals::take_held(Goroutine& g) {
  std::vector<Held> list;
  for (std::uint32_t index = std::exchange(g.held, 0); index != 0; index = held_[index].next) {
    list.push_back(held_[index]);
    free_held_.push_back(index);
  }
  std::ranges::reverse(list);
  return list;
}

void GoroutineIntervals::release_held(Goroutine& g, Ran ran) {
  for (std::uint32_t index = std::exchange(g.held, 0); index != 0; index = held_[index].next) {
    held_[index].interval.ran = ran;
    push(held_[index].interval);
    free_held_.push_back(index);
  }
}

void GoroutineIntervals::end_life(Goroutine& g, Time time, Edge edge, bool destroyed) {
  const bool done = (g.slow & Goroutine::Done) != 0;
  if (!done) {
    g.died = time;
    g.death = edge;
  }
  // Damage can end a goroutine in a system call.
  if (destroyed) leave_syscall(g);
  if (!g.has(Goroutine::History)) {
    // Its beginning is not known yet: merge() ends its life.
    if (destroyed) {
      g.flags |= Goroutine::Dead;
      table_.forget_id(g);
    } else {
      g.slow |= Goroutine::Done;
    }
    return;
  }
  if (!done) {
    release_held(g, Ran::Never);
    add_life(g);
  }
  if (destroyed) {
    table_.remove(g);
  } else {
    g.slow |= Goroutine::Done;
  }
}

void GoroutineIntervals::add_life(const Goroutine& g) {
  if (!interests_.states.has(GoState::NotExist) && !g.callback && !g.has(Goroutine::Older)) return;
  Interval life;
  life.start = life.seen = g.born;
  life.end = std::max(g.born, g.died);
  life.goroutine = g.goroutine;
  life.slot = g.slot;
  life.state = GoState::NotExist;
  life.start_edge = g.birth;
  life.end_edge = g.death;
  life.callback = g.callback;
  life.ran = (g.slow & Goroutine::NotRun) != 0 ? Ran::Never : Ran::Before;
  push(life);
}

void GoroutineIntervals::hand_over(Batch& batch) {
  if (batch.size == 0) return;
  taker_.take(std::span(batch.intervals.get(), std::exchange(batch.size, 0)));
}

void GoroutineIntervals::hand_over(GoState state) {
  hand_over(batches_[static_cast<std::size_t>(state)]);
  StayBatch& batch = stay_batches_[static_cast<std::size_t>(state)];
  if (batch.size == 0) return;
  taker_.take(state, std::span(batch.stays.get(), std::exchange(batch.size, 0)));
}

void GoroutineIntervals::make_room(Batch& batch) {
  // Goroutines that are gone keep their slots until all is handed over.
  if (&batch == &lives() || has_many_removed()) return flush();
  hand_over(batch);
}

void GoroutineIntervals::make_room(GoState state) {
  if (has_many_removed()) return flush();
  hand_over(state);
}

void GoroutineIntervals::flush() {
  for (const GoState state :
       {GoState::Runnable, GoState::Running, GoState::Waiting, GoState::Syscall}) {
    hand_over(state);
  }
  hand_over(lives());
  table_.reuse_slots();
}

std::optional<Time> GoroutineIntervals::gone_at(const Goroutine& g, const Ending& ending) const {
  if (!timeline_.gone_since(g.last_generation, ending)) return std::nullopt;
  return timeline_.end_of(g.last_generation);
}

bool GoroutineIntervals::may_live(GoID id, const Ending& ending) {
  if (interests_.states.empty()) return true;
  const Goroutine* const g = find(raw(id));
  return g != nullptr && (g->slow & Goroutine::Done) == 0 && !gone_at(*g, ending);
}

void GoroutineIntervals::finish(const Ending& ending) {
  meet_restated();
  flush();
  for (Slot slot = 0; slot < table_.slot_count(); slot++) {
    if (!table_.in_use(slot)) continue;
    Goroutine& g = table_.at(slot);
    const bool over = (g.slow & Goroutine::Done) != 0 || g.has(Goroutine::Dead);
    if (!g.has(Goroutine::History)) {
      give_history(g, g.born, timeline_.begins_trace() ? Edge::Damage : Edge::Trace);
    }
    if (over) continue;
    if (const std::optional<Time> gone = gone_at(g, ending)) {
      close_at(g, *gone, Edge::Damage);
      end_life(g, *gone, Edge::Damage, false);
    } else {
      const Time last = std::max(g.seen, ending.time);
      close_at(g, last, ending.edge);
      end_life(g, last, Edge::Trace, false);
    }
  }
  flush();
}

}  // namespace marey::analysis
