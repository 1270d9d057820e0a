// SPDX-License-Identifier: Apache-2.0
#include "src/order/scheduler.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace marey::order {

using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;
using Verdict = Scheduler::Verdict;

namespace {

ProcState state_of(ProcStatus status) {
  switch (status) {
    case ProcStatus::Bad: return ProcState::Undetermined;
    case ProcStatus::Running:
    case ProcStatus::Syscall: return ProcState::Running;
    case ProcStatus::Idle:
    case ProcStatus::SyscallAbandoned: return ProcState::Idle;
  }
  return ProcState::Undetermined;
}

std::int64_t to_id(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

GoState Scheduler::go_state_of(GoStatus status) {
  switch (status) {
    case GoStatus::Bad: return GoState::Undetermined;
    case GoStatus::Runnable: return GoState::Runnable;
    case GoStatus::Running: return GoState::Running;
    case GoStatus::Syscall: return GoState::Syscall;
    case GoStatus::Waiting: return GoState::Waiting;
  }
  return GoState::Undetermined;
}

Scheduler::Scheduler(State& state, NameTable& names, wire::Tables& tables, Start start,
                     wire::Version version, Assumptions* assumptions)
    : state_(state),
      names_(names),
      tables_(tables),
      start_(start),
      version_(version),
      assumptions_(assumptions) {}

Verdict Scheduler::broken(std::string message, Defect defect) {
  message_ = std::move(message);
  defect_ = defect;
  return Verdict::Broken;
}

Verdict Scheduler::need_thread_proc(const Thread* thread) {
  if (thread == nullptr) return broken("expected a thread but didn't have one");
  if (thread->proc == nullptr) return broken("expected a proc but didn't have one");
  return Verdict::Happened;
}

Verdict Scheduler::need_thread_proc_goroutine(const Thread* thread) {
  if (const Verdict verdict = need_thread_proc(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  if (thread->goroutine == -1) return broken("expected a goroutine but didn't have one");
  return Verdict::Happened;
}

Goroutine* Scheduler::current(Thread& thread) {
  Goroutine* const cached = thread.goroutine_state;
  if (cached != nullptr && cached->id == thread.goroutine) [[likely]]
    return cached;
  thread.goroutine_state = goroutine(static_cast<std::uint64_t>(thread.goroutine));
  return thread.goroutine_state;
}

Goroutine* Scheduler::assume_goroutine(std::int64_t id, GoStatus status) {
  Goroutine* const goroutine = state_.add_goroutine(id, status);
  goroutine->generation = 0;
  goroutine->assumed = true;
  assumptions_->goroutines.push_back({id, status});
  return goroutine;
}

void Scheduler::end_goroutine(Goroutine* goroutine) {
  if (has_regions(*goroutine)) {
    ended_ = {goroutine->id, may_have_regions(*goroutine),
              std::move(state_.regions[goroutine->regions]), 0};
    ended_count_ = 1;
  }
  state_.remove_goroutine(goroutine);
}

Proc* Scheduler::assume_proc(std::int64_t id, ProcStatus status) {
  Proc* const proc = state_.add_proc(id, status);
  proc->generation = 0;
  assumptions_->procs.push_back({id, status});
  return proc;
}

void Scheduler::assume_thread(Thread* thread, std::int64_t proc, ProcStatus proc_status,
                              std::int64_t goroutine_id, GoStatus goroutine_status) {
  // Its proc may still have to be taken from a thread that is in a system call.
  const bool proc_is_open = proc == -1 && goroutine_status == GoStatus::Syscall;
  thread->proc_start = proc_is_open ? Thread::Start::Open : Thread::Start::Assumed;
  thread->goroutine_start = Thread::Start::Assumed;
  thread->assumed_proc = proc;
  thread->assumed_goroutine = goroutine_id;
  if (proc != -1) {
    thread->proc = state_.procs.find(static_cast<std::uint64_t>(proc));
    if (thread->proc == nullptr) thread->proc = assume_proc(proc, proc_status);
  }
  if (goroutine_id != -1) {
    thread->goroutine = goroutine_id;
    thread->goroutine_state = goroutine(static_cast<std::uint64_t>(goroutine_id));
    if (thread->goroutine_state == nullptr) {
      thread->goroutine_state = assume_goroutine(goroutine_id, goroutine_status);
    }
  }
}

bool Scheduler::assume_holder(std::int64_t proc, std::int64_t thread_id) {
  Thread* const thread = state_.threads.find(static_cast<std::uint64_t>(thread_id));
  if (thread == nullptr || thread->proc_start != Thread::Start::Open ||
      thread->goroutine_start != Thread::Start::Assumed || thread->goroutine == -1) {
    undecidable_ = true;
    return false;
  }
  thread->proc_start = Thread::Start::Assumed;
  thread->assumed_proc = proc;
  thread->proc = assume_proc(proc, ProcStatus::Syscall);
  return true;
}

std::uint32_t Scheduler::name_number(std::uint64_t string_id, bool& known) {
  known = true;
  if (string_id < name_of_string_.size() && name_of_string_[string_id] != kUnresolved) {
    return name_of_string_[string_id];
  }
  const auto text = tables_.find_string(StringID{string_id});
  known = text.has_value();
  if (!known) return 0;
  const std::uint32_t number = names_.number_of(*text);
  // Ids are dense, so this is small; a damaged trace's giant ids are just not remembered.
  if (string_id < 2 * tables_.strings().size() + 64) {
    if (string_id >= name_of_string_.size()) name_of_string_.resize(string_id + 1, kUnresolved);
    name_of_string_[string_id] = number;
  }
  return number;
}

Verdict Scheduler::advance_carefully(Event& event, Thread* thread, Context& context) {
  if (thread != nullptr) {
    if (start_ == Start::Derived) touch(*thread);
    context = {thread->goroutine, thread->proc == nullptr ? -1 : thread->proc->id, thread->id};
  } else {
    context = {};
  }
  // Most events need a thread; the ones that do not are told apart first.
  switch (event.type) {
    case EventType::ProcStatus: return proc_status(event, thread, context);
    case EventType::GoStatus:
    case EventType::GoStatusStack: return go_status(event, thread, context);
    case EventType::GoUnblock: return go_unblock(event);
    case EventType::GCActive:
    case EventType::GCBegin:
    case EventType::GCEnd: return gc_event(event, thread);
    case EventType::GCSweepActive: return sweep_active(event);
    case EventType::GCMarkAssistActive: return assist_active(event);
    case EventType::GCSweepBegin:
    case EventType::GCSweepEnd: return sweep(event, thread);
    case EventType::HeapAlloc:
    case EventType::HeapGoal: return need_thread_proc(thread);
    case EventType::ProcsChange:
    case EventType::GoLabel:
    case EventType::UserLog: return need_thread_proc_goroutine(thread);
    case EventType::UserTaskBegin: return task_begin(event, thread);
    case EventType::UserTaskEnd: return task_end(event, thread);
    default: break;
  }
  if (thread == nullptr) {
    switch (event.type) {
      // Go looks these up before it asks for a thread.
      case EventType::ProcStart: return Verdict::NotYet;
      case EventType::GoStart: {
        const Goroutine* const g = goroutine(event.args[0]);
        if (g == nullptr || g->status != GoStatus::Runnable ||
            !succeeds(event.args[1], g->sequence, g->generation)) {
          return Verdict::NotYet;
        }
        break;
      }
      case EventType::ProcStop: return broken("event ProcStop for proc (-1) that doesn't exist");
      default: break;
    }
    if (wire::spec_of(event.type).event_class == wire::EventClass::None ||
        event.type == EventType::ClockSnapshot) {
      return broken(fmt::format("bad event type found while ordering: {}",
                                static_cast<unsigned>(event.type)));
    }
    return broken("expected a thread but didn't have one");
  }
  switch (event.type) {
    case EventType::GoStart: return go_start(event, *thread);
    case EventType::GoBlock:
    case EventType::GoStop:
    case EventType::GoDestroy: return go_stop_executing(event, *thread);
    case EventType::GoSyscallBegin: return go_syscall_begin(event, *thread);
    case EventType::GoSyscallEnd: return go_syscall_end(event, *thread);
    case EventType::GoSyscallEndBlocked: return go_syscall_end_blocked(event, *thread);
    case EventType::GoCreate:
    case EventType::GoCreateBlocked: return go_create(event, *thread);
    case EventType::UserRegionBegin:
    case EventType::UserRegionEnd: return region(event, *thread);
    case EventType::ProcStart: return proc_start(event, *thread, context);
    case EventType::ProcStop: return proc_stop(event, *thread);
    case EventType::ProcSteal: return proc_steal(event, *thread, context);
    case EventType::GoCreateSyscall: return go_create_syscall(event, *thread);
    case EventType::GoDestroySyscall: return go_destroy_syscall(event, *thread, context);
    case EventType::GoSwitch:
    case EventType::GoSwitchDestroy: return go_switch(event, *thread, context);
    case EventType::STWBegin:
    case EventType::STWEnd:
    case EventType::GCMarkAssistBegin:
    case EventType::GCMarkAssistEnd: return go_range(event, *thread);
    default: break;
  }
  if (wire::spec_of(event.type).event_class == wire::EventClass::AllocFree) {
    return Verdict::Happened;
  }
  return broken(
      fmt::format("bad event type found while ordering: {}", static_cast<unsigned>(event.type)));
}

// Goroutines.

Verdict Scheduler::go_start(Event& event, Thread& thread) {
  Goroutine* const g = goroutine(event.args[0]);
  if (g == nullptr || g->status != GoStatus::Runnable ||
      !succeeds(event.args[1], g->sequence, g->generation)) {
    return Verdict::NotYet;
  }
  if (thread.proc == nullptr) return broken("expected a proc but didn't have one");
  if (thread.goroutine != -1) return broken("expected no goroutine but had one");
  g->status = GoStatus::Running;
  g->sequence = event.args[1];
  thread.goroutine = g->id;
  thread.goroutine_state = g;
  return Verdict::Happened;
}

Verdict Scheduler::go_stop_executing(Event& event, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(fmt::format("event {} for goroutine ({}) that doesn't exist",
                              wire::spec_of(event.type).name, thread.goroutine));
  }
  if (g->status != GoStatus::Running) {
    return broken(
        fmt::format("{} event for goroutine that's not Running", wire::spec_of(event.type).name));
  }
  if (event.type == EventType::GoBlock) {
    g->status = GoStatus::Waiting;
  } else if (event.type == EventType::GoStop) {
    g->status = GoStatus::Runnable;
  } else {
    end_goroutine(g);
  }
  thread.goroutine = -1;
  return Verdict::Happened;
}

Verdict Scheduler::go_unblock(Event& event) {
  Goroutine* const g = goroutine(event.args[0]);
  if (g == nullptr || g->status != GoStatus::Waiting ||
      !succeeds(event.args[1], g->sequence, g->generation)) {
    return Verdict::NotYet;
  }
  g->status = GoStatus::Runnable;
  g->sequence = event.args[1];
  return Verdict::Happened;
}

Verdict Scheduler::go_create(Event& event, const Thread& thread) {
  if (const Verdict verdict = need_thread_proc(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  if (thread.goroutine != -1) {
    const Goroutine* const creator = current(const_cast<Thread&>(thread));
    if (creator != nullptr && creator->status != GoStatus::Running) {
      return broken(
          fmt::format("{} event for goroutine that's not Running", wire::spec_of(event.type).name));
    }
  }
  if (goroutine(event.args[0]) != nullptr) {
    return broken(
        fmt::format("tried to create goroutine ({}) that already exists", to_id(event.args[0])));
  }
  state_.add_goroutine(to_id(event.args[0]), event.type == EventType::GoCreateBlocked
                                                 ? GoStatus::Waiting
                                                 : GoStatus::Runnable);
  return Verdict::Happened;
}

Verdict Scheduler::go_create_syscall(Event& event, Thread& thread) {
  if (thread.goroutine != -1) return broken("expected no goroutine but had one");
  if (goroutine(event.args[0]) != nullptr) {
    return broken(fmt::format("tried to create goroutine ({}) in syscall that already exists",
                              to_id(event.args[0])));
  }
  thread.goroutine_state = state_.add_goroutine(to_id(event.args[0]), GoStatus::Syscall);
  thread.goroutine = thread.goroutine_state->id;
  return Verdict::Happened;
}

Verdict Scheduler::go_switch(Event& event, Thread& thread, const Context& context) {
  // Stands for three events: the next goroutine is unblocked, the current one blocks or ends, and
  // the next one starts.
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(fmt::format("event {} for goroutine ({}) that doesn't exist",
                              wire::spec_of(event.type).name, thread.goroutine));
  }
  if (g->status != GoStatus::Running) {
    return broken(
        fmt::format("{} event for goroutine that's not Running", wire::spec_of(event.type).name));
  }
  Goroutine* const next = goroutine(event.args[0]);
  if (next == nullptr || next->status != GoStatus::Waiting ||
      !succeeds(event.args[1], next->sequence, next->generation)) {
    return Verdict::NotYet;
  }
  if (event.type == EventType::GoSwitch) {
    g->status = GoStatus::Waiting;
    after_[after_count_++] = {EventType::GoBlock, context, {}};
  } else {
    end_goroutine(g);
    after_[after_count_++] = {EventType::GoDestroy, context, {}};
  }
  next->status = GoStatus::Running;
  next->sequence = event.args[1];
  thread.goroutine = next->id;
  thread.goroutine_state = next;
  after_[after_count_++] = {
      EventType::GoStart, {-1, context.proc, context.thread}, {event.args[0], event.args[1], 0, 0}};
  return Verdict::Happened;
}

Verdict Scheduler::go_syscall_begin(Event& event, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(fmt::format("event GoSyscallBegin for goroutine ({}) that doesn't exist",
                              thread.goroutine));
  }
  if (g->status != GoStatus::Running) {
    return broken("GoSyscallBegin event for goroutine that's not Running");
  }
  Proc& proc = *thread.proc;
  if (!succeeds(event.args[0], proc.sequence, proc.generation)) {
    return broken(fmt::format(
        "failed to advance GoSyscallBegin: can't make sequence: {} (gen={}) -> {} (gen={})",
        proc.sequence, proc.generation, event.args[0], state_.generation));
  }
  g->status = GoStatus::Syscall;
  proc.status = ProcStatus::Syscall;
  proc.sequence = event.args[0];
  return Verdict::Happened;
}

Verdict Scheduler::go_syscall_end(Event&, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(
        fmt::format("event GoSyscallEnd for goroutine ({}) that doesn't exist", thread.goroutine));
  }
  if (g->status != GoStatus::Syscall) {
    return broken("GoSyscallEnd event for goroutine that's not Running");  // so says Go
  }
  if (thread.proc->status != ProcStatus::Syscall) {
    return broken(fmt::format("expected proc {} in state Syscall, but got {} instead",
                              thread.proc->id, name_of(thread.proc->status)));
  }
  g->status = GoStatus::Running;
  thread.proc->status = ProcStatus::Running;
  return Verdict::Happened;
}

Verdict Scheduler::go_syscall_end_blocked(Event&, Thread& thread) {
  // The goroutine has lost its proc in the system call; until that is seen, this cannot happen.
  if (thread.proc != nullptr && thread.proc->status == ProcStatus::Syscall) return Verdict::NotYet;
  if (thread.goroutine == -1) return broken("expected a goroutine but didn't have one");
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(fmt::format("event GoSyscallEndBlocked for goroutine ({}) that doesn't exist",
                              thread.goroutine));
  }
  if (g->status != GoStatus::Syscall) {
    return broken("GoSyscallEndBlocked event for goroutine that's not Running");  // so says Go
  }
  g->status = GoStatus::Runnable;
  thread.goroutine = -1;
  return Verdict::Happened;
}

Verdict Scheduler::go_destroy_syscall(Event& event, Thread& thread, const Context& context) {
  // The end of a cgo callback's goroutine. Its thread loses the proc, too: the system may reuse the
  // thread's id, and a later steal must not be taken for one from the new thread.
  if (thread.goroutine == -1) return broken("expected a goroutine but didn't have one");
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(fmt::format("event {} for goroutine ({}) that doesn't exist",
                              wire::spec_of(event.type).name, thread.goroutine));
  }
  if (g->status != GoStatus::Syscall) {
    return broken("GoDestroySyscall event for goroutine that's not Syscall");
  }
  if (thread.proc != nullptr) {
    if (thread.proc->status != ProcStatus::Syscall) {
      return broken(fmt::format("proc {} in unexpected state {} during GoDestroySyscall",
                                thread.proc->id, name_of(thread.proc->status)));
    }
    thread.proc->status = ProcStatus::SyscallAbandoned;
    before_[before_count_++] = {EventType::ProcSteal,
                                context,
                                {static_cast<std::uint64_t>(thread.proc->id), 0, 0,
                                 static_cast<std::uint64_t>(ProcStatus::Syscall)}};
    thread.proc = nullptr;
  }
  end_goroutine(g);
  thread.goroutine = -1;
  return Verdict::Happened;
}

Verdict Scheduler::go_status(Event& event, Thread* thread, Context& context) {
  const std::int64_t id = to_id(event.args[0]);
  const std::int64_t thread_id = to_id(event.args[1]);
  // Go looks at the lowest eight bits only.
  const auto status = static_cast<GoStatus>(event.args[2] & 0xff);
  if (static_cast<std::uint8_t>(status) > static_cast<std::uint8_t>(GoStatus::Waiting)) {
    return broken(
        fmt::format("invalid status for goroutine {}: {}", id, static_cast<unsigned>(status)));
  }
  GoState before = go_state_of(status);
  Goroutine* g = goroutine(event.args[0]);
  if (g != nullptr) {
    if (g->status != status) {
      return broken(fmt::format("inconsistent status for goroutine {}: old {} vs. new {}", id,
                                name_of(g->status), name_of(status)));
    }
  } else if (start_ == Start::Initial) {
    before = GoState::Undetermined;
    g = state_.add_goroutine(id, status);
    g->assumed = true;
  } else if (start_ == Start::Derived) {
    g = assume_goroutine(id, status);
  } else {
    return broken(fmt::format(
        "found goroutine status for new goroutine after the first generation: id={} status={}", id,
        name_of(status)));
  }
  if (status == GoStatus::Syscall && thread_id == -1) {
    return broken(fmt::format("found goroutine {} in syscall without a thread", id));
  }
  if (status == GoStatus::Running) {
    if (thread != nullptr) {
      thread->goroutine = id;
      thread->goroutine_state = g;
    }
  } else if (status == GoStatus::Syscall && thread != nullptr && thread_id == thread->id) {
    if (start_ != Start::Initial && thread->goroutine != id) {
      return broken(
          fmt::format("inconsistent thread for syscalling goroutine {}: thread has goroutine {}",
                      id, thread->goroutine));
    }
    thread->goroutine = id;
    thread->goroutine_state = g;
  } else if (status == GoStatus::Syscall) {
    // A goroutine that has been sitting in a system call on another thread since before the
    // generation began.
    Thread* other = state_.threads.find(static_cast<std::uint64_t>(thread_id));
    const bool met = other != nullptr &&
                     (start_ != Start::Derived || other->goroutine_start == Thread::Start::Assumed);
    if (met) {
      if (other->goroutine != id) {
        return broken(
            fmt::format("inconsistent thread for syscalling goroutine {}: thread has goroutine {}",
                        id, other->goroutine));
      }
      context.goroutine = id;
    } else {
      other = state_.thread(thread_id);
      other->goroutine = id;
      other->goroutine_state = g;
      if (start_ == Start::Derived) {
        other->goroutine_start = Thread::Start::Assumed;
        other->assumed_goroutine = id;
        context.goroutine = id;
      }
    }
    context.thread = thread_id;
  }
  g->sequence = 0;
  g->generation = state_.generation;
  const std::uint64_t from = forced_from_.value_or(static_cast<std::uint64_t>(before));
  forced_from_.reset();
  event.args[2] = from << 32 | static_cast<std::uint64_t>(status);
  return Verdict::Happened;
}

// Procs.

Verdict Scheduler::proc_start(Event& event, Thread& thread, const Context& context) {
  Proc* const proc = state_.procs.find(event.args[0]);
  if (proc == nullptr || proc->status != ProcStatus::Idle ||
      !succeeds(event.args[1], proc->sequence, proc->generation) || context.proc != -1) {
    return Verdict::NotYet;
  }
  proc->status = ProcStatus::Running;
  proc->sequence = event.args[1];
  thread.proc = proc;
  return Verdict::Happened;
}

Verdict Scheduler::proc_stop(Event&, Thread& thread) {
  // A proc that is bound to a thread can always stop on that thread: no sequence number.
  Proc* const proc = thread.proc;
  if (proc == nullptr) return broken("event ProcStop for proc (-1) that doesn't exist");
  if (proc->status != ProcStatus::Running && proc->status != ProcStatus::Syscall) {
    return broken("ProcStop event for proc that's not Running or Syscall");
  }
  proc->status = ProcStatus::Idle;
  thread.proc = nullptr;
  return Verdict::Happened;
}

Verdict Scheduler::proc_steal(Event& event, Thread& thread, const Context& context) {
  Proc* const proc = state_.procs.find(event.args[0]);
  if (proc == nullptr ||
      (proc->status != ProcStatus::Syscall && proc->status != ProcStatus::SyscallAbandoned) ||
      !succeeds(event.args[1], proc->sequence, proc->generation)) {
    return Verdict::NotYet;
  }
  const ProcStatus before = proc->status;
  const std::int64_t from = to_id(event.args[2]);
  // From an abandoned proc nothing is known of the thread: it may have moved on.
  if (before != ProcStatus::SyscallAbandoned) {
    if (from == thread.id) {
      if (context.proc != proc->id) {
        return broken(
            fmt::format("tried to self-steal proc {} (thread {}), but got proc {} instead",
                        proc->id, from, context.proc));
      }
      thread.proc = nullptr;
    } else {
      Thread* victim = state_.threads.find(event.args[2]);
      if (start_ == Start::Derived &&
          (victim == nullptr || victim->proc_start == Thread::Start::Open)) {
        victim = state_.thread(from);
        victim->proc_start = Thread::Start::Assumed;
        victim->assumed_proc = proc->id;
        victim->proc = proc;
      }
      if (victim == nullptr) {
        return broken(fmt::format("stole proc from non-existent thread {}", from));
      }
      if (victim->proc != proc) {
        return broken(fmt::format("tried to steal proc {} from thread {}, but got proc {} instead",
                                  proc->id, from, victim->proc == nullptr ? -1 : victim->proc->id));
      }
      victim->proc = nullptr;
    }
  }
  event.args[3] = static_cast<std::uint64_t>(before);
  proc->status = ProcStatus::Idle;
  proc->sequence = event.args[1];
  return Verdict::Happened;
}

Verdict Scheduler::proc_status(Event& event, Thread* thread, Context& context) {
  const std::int64_t id = to_id(event.args[0]);
  const auto status = static_cast<ProcStatus>(event.args[1] & 0xff);
  if (static_cast<std::uint8_t>(status) > static_cast<std::uint8_t>(ProcStatus::SyscallAbandoned)) {
    return broken(fmt::format("invalid status for proc {}: {}", id, static_cast<unsigned>(status)));
  }
  ProcState before = state_of(status);
  Proc* proc = state_.procs.find(event.args[0]);
  if (proc != nullptr) {
    if (status == ProcStatus::SyscallAbandoned && proc->status == ProcStatus::Syscall) {
      // The event lost the thread of a system call that we know: nothing is lost.
      before = ProcState::Running;
      event.args[1] = static_cast<std::uint64_t>(ProcStatus::Syscall);
    } else if (proc->status != status) {
      return broken(fmt::format("inconsistent status for proc {}: old {} vs. new {}", id,
                                name_of(proc->status), name_of(status)));
    }
    proc->sequence = 0;
    proc->generation = state_.generation;
  } else if (start_ == Start::Derived) {
    if (status == ProcStatus::SyscallAbandoned) {  // see assume_holder()
      return broken(fmt::format("the thread of proc {} lies before this generation", id));
    }
    proc = assume_proc(id, status);
    proc->generation = state_.generation;
  } else {
    before = start_ == Start::Initial ? ProcState::Undetermined : ProcState::NotExist;
    proc = state_.add_proc(id, status);
  }
  event.args[2] = forced_from_.value_or(static_cast<std::uint64_t>(before));
  forced_from_.reset();
  if ((status == ProcStatus::Running || status == ProcStatus::Syscall) && thread != nullptr) {
    thread->proc = proc;
  }
  if (status == ProcStatus::SyscallAbandoned && before == ProcState::Running) {
    // Running binds a proc to a thread, and another thread tells of it: show it where it is bound.
    const auto holder = std::ranges::find(state_.thread_list, proc, &Thread::proc);
    if (holder == state_.thread_list.end()) {
      return broken(
          fmt::format("failed to find sched context for proc {} that's about to be stolen", id));
    }
    context = {(*holder)->goroutine, id, (*holder)->id};
  }
  return Verdict::Happened;
}

// The garbage collector.

Verdict Scheduler::gc_event(Event& event, const Thread* thread) {
  // Mark phases carry sequence numbers at both ends: they may begin and end on different threads.
  const std::uint64_t sequence = event.args[0];
  const bool first = state_.gc_state == GCState::Undetermined;
  if (start_ == Start::Derived && first) {
    assumptions_->has_gc = true;
    assumptions_->gc_sequence = sequence - 1;
    assumptions_->gc_state =
        event.type == EventType::GCBegin ? GCState::NotRunning : GCState::Running;
    state_.gc_state = assumptions_->gc_state;
    state_.gc_sequence = assumptions_->gc_sequence;
  }
  if (event.type == EventType::GCActive && start_ == Start::Initial) {
    if (!first) return broken("GCActive in the first generation isn't first GC event");
    state_.gc_sequence = sequence;
    state_.gc_state = GCState::Running;
    return Verdict::Happened;
  }
  if (event.type == EventType::GCBegin && state_.gc_state == GCState::Undetermined) {
    state_.gc_sequence = sequence;
    state_.gc_state = GCState::Running;
    return Verdict::Happened;
  }
  if (sequence != state_.gc_sequence + 1) return Verdict::NotYet;
  GCState next = GCState::Running;
  switch (event.type) {
    case EventType::GCActive:
      if (state_.gc_state != GCState::Running) {
        return broken("encountered GCActive while GC was not in progress");
      }
      break;
    case EventType::GCBegin:
      if (state_.gc_state == GCState::Running) {
        return broken("encountered GCBegin while GC was already in progress");
      }
      break;
    default:
      if (state_.gc_state == GCState::NotRunning) {
        return broken("encountered GCEnd when GC was not in progress");
      }
      if (state_.gc_state == GCState::Undetermined) {
        return broken("encountered GCEnd when GC was in an undetermined state");
      }
      next = GCState::NotRunning;
  }
  if (const Verdict verdict = need_thread_proc_goroutine(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  state_.gc_sequence = sequence;
  state_.gc_state = next;
  return Verdict::Happened;
}

Verdict Scheduler::sweep(Event& event, const Thread* thread) {
  if (const Verdict verdict = need_thread_proc(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  bool& sweeping = thread->proc->sweeping;
  if (event.type == EventType::GCSweepBegin) {
    if (sweeping) {
      return broken("discovered event already in-flight for when starting event GCSweepBegin");
    }
    sweeping = true;
  } else {
    if (!sweeping) return broken("tried to end event GCSweepBegin, but not in-flight");
    sweeping = false;
  }
  return Verdict::Happened;
}

Verdict Scheduler::sweep_active(Event& event) {
  Proc* const proc = state_.procs.find(event.args[0]);
  if (proc == nullptr) {
    return broken(
        fmt::format("encountered GCSweepActive for unknown proc {}", to_id(event.args[0])));
  }
  if (start_ == Start::Derived && !proc->sweeping) {
    assumptions_->sweeps.push_back(proc->id);
    proc->sweeping = true;
  }
  if (start_ == Start::Initial) {
    if (proc->sweeping) return broken("found named active range already in first gen: {32 0}");
    proc->sweeping = true;
  } else if (!proc->sweeping) {
    return broken("resource is missing active range: GCSweepBegin []");
  }
  return Verdict::Happened;
}

Verdict Scheduler::assist_active(Event& event) {
  Goroutine* const g = goroutine(event.args[0]);
  if (g == nullptr) {
    return broken(fmt::format("uninitialized goroutine {} found during GCMarkAssistActive",
                              to_id(event.args[0])));
  }
  if (start_ == Start::Derived && !g->assisting) {
    assumptions_->assists.push_back(g->id);
    g->assisting = true;
  }
  if (start_ == Start::Initial) {
    if (g->assisting) return broken("found named active range already in first gen: {35 0}");
    g->assisting = true;
  } else if (!g->assisting) {
    return broken("resource is missing active range: GCMarkAssistBegin []");
  }
  return Verdict::Happened;
}

Verdict Scheduler::go_range(Event& event, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(
        fmt::format("encountered event of type {} without known state for current goroutine {}",
                    static_cast<unsigned>(event.type), thread.goroutine));
  }
  switch (event.type) {
    case EventType::GCMarkAssistBegin:
      if (g->assisting) {
        return broken(
            "discovered event already in-flight for when starting event GCMarkAssistBegin");
      }
      g->assisting = true;
      return Verdict::Happened;
    case EventType::GCMarkAssistEnd:
      if (!g->assisting) return broken("tried to end event GCMarkAssistBegin, but not in-flight");
      g->assisting = false;
      return Verdict::Happened;
    default: break;
  }
  std::vector<OpenStop>& stops = state_.stw[g->id];
  if (event.type == EventType::STWBegin) {
    if (std::ranges::find(stops, event.args[0], &OpenStop::kind) != stops.end()) {
      return broken("discovered event already in-flight for when starting event STWBegin");
    }
    bool known = false;
    const std::uint32_t name = name_number(event.args[0], known);
    stops.push_back({event.args[0], name, state_.generation});
    g->stopping_world = true;
    return Verdict::Happened;
  }
  if (stops.empty()) return broken("tried to end event STWBegin, but not in-flight");
  const OpenStop stop = stops.front();
  stops.front() = stops.back();
  stops.pop_back();
  g->stopping_world = !stops.empty();
  if (stops.empty()) state_.stw.erase(g->id);
  // The kind's string id means nothing in a later generation.
  const bool same_generation = stop.generation == state_.generation;
  event.args[0] = same_generation ? stop.kind : stop.name;
  event.args[1] = same_generation ? 0 : 1;
  return Verdict::Happened;
}

// Annotations.

Verdict Scheduler::task_begin(Event& event, const Thread* thread) {
  // Tasks may be ended twice, or never begin; all that can be wrong is to begin twice.
  if (state_.tasks.contains(event.args[0])) {
    return broken(fmt::format("task ID conflict: {}", event.args[0]), Defect::TaskConflict);
  }
  // 0 means "no parent" here, not the background task.
  const std::uint64_t parent = event.args[1] == 0 ? raw(kNoTask) : event.args[1];
  bool known = false;
  const std::uint32_t name = name_number(event.args[2], known);
  if (!known) {
    return broken(fmt::format("invalid string ID {} for {} event", event.args[2],
                              static_cast<unsigned>(event.type)),
                  Defect::UnknownString);
  }
  if (const Verdict verdict = need_thread_proc_goroutine(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  event.args[1] = parent;
  state_.tasks.emplace(event.args[0], OpenTask{parent, name});
  if (assumptions_ != nullptr) assumptions_->begun_tasks.push_back(event.args[0]);
  return Verdict::Happened;
}

Verdict Scheduler::task_end(Event& event, const Thread* thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  const auto it = state_.tasks.find(event.args[0]);
  if (it != state_.tasks.end()) {
    event.args[2] = it->second.parent;
    event.args[3] = it->second.name;
    state_.tasks.erase(it);
  } else {
    event.args[2] = raw(kNoTask);
    event.args[3] = 0;
    if (assumptions_ != nullptr) assumptions_->ended_tasks.push_back(event.args[0]);
  }
  return Verdict::Happened;
}

Verdict Scheduler::region(Event& event, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  bool known = false;
  const OpenRegion region{event.args[0], name_number(event.args[1], known)};
  if (!known) {
    return broken(fmt::format("invalid string ID {} for {} event", event.args[1],
                              static_cast<unsigned>(event.type)),
                  Defect::UnknownString);
  }
  Goroutine* const g = current(thread);
  const bool begins = event.type == EventType::UserRegionBegin;
  if (g == nullptr) {
    return broken(
        fmt::format("encountered EvUserRegion{} without known state for current goroutine {}",
                    begins ? "Begin" : "End", thread.goroutine));
  }
  if (begins) {
    if (g->regions == 0) {
      if (state_.free_regions.empty()) {
        g->regions = static_cast<std::uint32_t>(state_.regions.size());
        state_.regions.emplace_back();
      } else {
        g->regions = state_.free_regions.back();
        state_.free_regions.pop_back();
      }
    }
    state_.regions[g->regions].push_back(region);
    return Verdict::Happened;
  }
  std::vector<OpenRegion>& open = state_.regions[g->regions];
  if (open.empty()) {
    // Regions that began before the trace are not known, and that is no fault.
    if (assumptions_ != nullptr && g->assumed) {
      assumptions_->ended_regions.push_back({g->id, region});
    }
    return Verdict::Happened;
  }
  if (open.back() != region) {
    return broken(
        fmt::format("misuse of region in goroutine {}: region end {{{} {}}} when the inner-most "
                    "active region start event is {{{} {}}}",
                    g->id, region.task, names_.name(region.name), open.back().task,
                    names_.name(open.back().name)),
        Defect::MisnestedRegion);
  }
  open.pop_back();
  return Verdict::Happened;
}

}  // namespace marey::order
