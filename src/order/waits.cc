// SPDX-License-Identifier: Apache-2.0
#include "src/order/scheduler.h"

// What events wait for that cannot happen yet. The numbers of a sequence come one by one: the next
// one must be somewhere, and one that has been passed does not come again. Where the number is
// right and the state is not, only events without a number help: those of the thread that holds the
// goroutine or proc.

namespace marey::order {

using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;
using Of = SequenceNumber::Of;
using Wait = Scheduler::Wait;
using For = Scheduler::Wait::For;

namespace {

Wait wait_for_numbers(Of of, std::uint64_t id, std::uint64_t next, std::uint64_t last) {
  return {For::Numbers, {of, id, next}, {of, id, last}, std::nullopt, nullptr, nullptr};
}

Wait wait_for_thread(const Proc* proc, const Goroutine* goroutine) {
  Wait wait;
  wait.what = For::Thread;
  wait.proc = proc;
  wait.goroutine = goroutine;
  return wait;
}

/// Of an event with `number`, when `next` is the next one, but not its own.
Wait wait_for_turn(Of of, std::uint64_t id, std::uint64_t next, std::uint64_t number) {
  if (number < next || number == 0) return {};
  return wait_for_numbers(of, id, next, number - 1);
}

}  // namespace

Wait Scheduler::wait_of(const Event& event, const Thread* thread) {
  switch (event.type) {
    case EventType::GoStart:
    case EventType::GoUnblock:
    case EventType::GoSwitch:
    case EventType::GoSwitchDestroy: return goroutine_wait(event, thread);
    case EventType::ProcStart:
    case EventType::ProcSteal: return proc_wait(event, thread);
    case EventType::GoSyscallEndBlocked: return steal_wait(*thread->proc);
    case EventType::GCActive:
    case EventType::GCBegin:
    case EventType::GCEnd:
      // The first one may have any number.
      if (state_.gc_state == GCState::Undetermined) {
        return wait_for_numbers(Of::GC, 0, event.args[0] - 1, event.args[0] - 1);
      }
      return wait_for_turn(Of::GC, 0, state_.gc_sequence + 1, event.args[0]);
    default: return {};
  }
}

Wait Scheduler::goroutine_wait(const Event& event, const Thread* thread) {
  const std::uint64_t id = event.args[0];
  const Goroutine* const g = goroutine(id);
  const std::uint64_t next = next_number(g);
  Wait wait;
  if (next == 0 || event.args[1] != next) {
    wait = wait_for_turn(Of::Goroutine, id, next, event.args[1]);
  } else {
    // From Waiting to Runnable, and the other way round, it would take a number.
    const bool is_held = g->status == GoStatus::Running || g->status == GoStatus::Syscall;
    const bool is_own = thread != nullptr && thread->goroutine == g->id;
    if (is_held && !is_own) wait = wait_for_thread(nullptr, g);
  }
  if (next != 0) wait.first = {Of::Goroutine, id, 0};
  return wait;
}

Wait Scheduler::proc_wait(const Event& event, const Thread* thread) const {
  const Proc* const proc = state_.procs.find(event.args[0]);
  const std::uint64_t next = next_number(proc);
  if (next == 0 || event.args[1] != next) {
    return wait_for_turn(Of::Proc, event.args[0], next, event.args[1]);
  }
  if (event.type == EventType::ProcSteal || thread == nullptr) return {};
  if (proc->status == ProcStatus::Idle) return steal_wait(*thread->proc);
  const bool is_held = proc->status != ProcStatus::SyscallAbandoned;
  return is_held && thread->proc != proc ? wait_for_thread(proc, nullptr) : Wait{};
}

Wait Scheduler::steal_wait(const Proc& proc) const {
  if (proc.status != ProcStatus::Syscall) return {};
  const std::uint64_t next = next_number(&proc);
  return wait_for_numbers(Of::Proc, static_cast<std::uint64_t>(proc.id), next, next);
}

}  // namespace marey::order
