// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <string_view>

#include "src/order/scheduler.h"

// When events of goroutines' states can happen.

namespace marey::order {

using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;
using Verdict = Scheduler::Verdict;

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

Goroutine* Scheduler::executing(const Event& event, Thread& thread, GoStatus status) {
  const std::string_view name = wire::spec_of(event.type).name;
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    broken(fmt::format("event {} for goroutine ({}) that doesn't exist", name, thread.goroutine));
    return nullptr;
  }
  if (g->status == status) return g;
  // At the ends of system calls, too, Go says Running.
  broken(fmt::format("{} event for goroutine that's not {}", name,
                     event.type == EventType::GoDestroySyscall ? "Syscall" : "Running"));
  return nullptr;
}

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
  Goroutine* const g = executing(event, thread, GoStatus::Running);
  if (g == nullptr) return Verdict::Broken;
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
  return unblock_goroutine(event.args[0], event.args[1]) ? Verdict::Happened : Verdict::NotYet;
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
  Goroutine* const g = executing(event, thread, GoStatus::Running);
  if (g == nullptr) return Verdict::Broken;
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
  Goroutine* const g = executing(event, thread, GoStatus::Running);
  if (g == nullptr) return Verdict::Broken;
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

Verdict Scheduler::go_syscall_end(Event& event, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  Goroutine* const g = executing(event, thread, GoStatus::Syscall);
  if (g == nullptr) return Verdict::Broken;
  if (thread.proc->status != ProcStatus::Syscall) {
    return broken(fmt::format("expected proc {} in state Syscall, but got {} instead",
                              thread.proc->id, name_of(thread.proc->status)));
  }
  g->status = GoStatus::Running;
  thread.proc->status = ProcStatus::Running;
  return Verdict::Happened;
}

Verdict Scheduler::go_syscall_end_blocked(Event& event, Thread& thread) {
  // The goroutine has lost its proc in the system call; until that is seen, this cannot happen.
  if (thread.proc != nullptr && thread.proc->status == ProcStatus::Syscall) return Verdict::NotYet;
  if (thread.goroutine == -1) return broken("expected a goroutine but didn't have one");
  Goroutine* const g = executing(event, thread, GoStatus::Syscall);
  if (g == nullptr) return Verdict::Broken;
  g->status = GoStatus::Runnable;
  thread.goroutine = -1;
  return Verdict::Happened;
}

Verdict Scheduler::go_destroy_syscall(Event& event, Thread& thread, const Context& context) {
  // The end of a cgo callback's goroutine. Its thread loses the proc, too: the system may reuse the
  // thread's id, and a later steal must not be taken for one from the new thread.
  if (thread.goroutine == -1) return broken("expected a goroutine but didn't have one");
  Goroutine* const g = executing(event, thread, GoStatus::Syscall);
  if (g == nullptr) return Verdict::Broken;
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

}  // namespace marey::order
