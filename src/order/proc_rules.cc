// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "src/order/scheduler.h"

// When events of procs' states can happen.

namespace marey::order {

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

}  // namespace

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

}  // namespace marey::order
