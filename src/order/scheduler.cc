// SPDX-License-Identifier: Apache-2.0
#include "src/order/scheduler.h"

#include <fmt/format.h>
#include <utility>

namespace marey::order {

using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;
using Verdict = Scheduler::Verdict;

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
    undecidable_ = assumptions_->speculative;
    if (undecidable_) return false;
    state_.add_proc(proc, ProcStatus::SyscallAbandoned);  // nobody will ask who held it
    return true;
  }
  thread->proc_start = Thread::Start::Assumed;
  thread->assumed_proc = proc;
  thread->proc = assume_proc(proc, ProcStatus::Syscall);
  return true;
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

}  // namespace marey::order
