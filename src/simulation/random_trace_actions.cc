// SPDX-License-Identifier: Apache-2.0
#include "src/simulation/random_trace_program.h"

// What the threads of the simulated program can do: each function does it and tells the tracer, or
// returns false where it is impossible right now.

namespace marey::simulation {
namespace {

using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;
using wire::Version;

std::uint64_t number(auto id) { return static_cast<std::uint64_t>(raw(id)); }

}  // namespace

bool RandomProgram::start_proc(Thread& thread) {
  // A few tries: there is no list of the idle ones.
  for (int tries = 0; tries < 4; tries++) {
    Proc& proc = *procs_[random_.below(procs_.size())];
    if (proc.status != ProcStatus::Idle) continue;
    // In a system call, a status could come before or after the loss of the thread's own proc.
    if (loose() && thread.goroutine != nullptr && !proc.traced) continue;
    tracer_.trace(thread, proc);
    tracer_.event(thread, EventType::ProcStart, {number(proc.id), ++proc.sequence});
    proc.status = ProcStatus::Running;
    proc.thread = &thread;
    thread.proc = &proc;
    return true;
  }
  return false;
}

bool RandomProgram::stop_proc(Thread& thread) {
  end_sweep(thread);
  tracer_.event(thread, EventType::ProcStop, {});
  thread.proc->status = ProcStatus::Idle;
  thread.proc->thread = nullptr;
  thread.proc = nullptr;
  return true;
}

bool RandomProgram::steal_proc(Thread& thread) {
  Proc& proc = *procs_[random_.below(procs_.size())];
  const bool abandoned = proc.status == ProcStatus::SyscallAbandoned;
  if (proc.status != ProcStatus::Syscall && !abandoned) return false;
  if (proc.thread == &thread && !abandoned) return false;
  if (loose()) {
    // A thread that returns to C takes the proc with it, or not, as the order has it; and what it
    // told before must come before.
    if (proc.thread->goroutine->from_c) return false;
    tracer_.wait(thread, *proc.thread);
  }
  // The thief's own status first: its thread's context must be right for the proc's.
  tracer_.trace(thread);
  tracer_.trace(thread, proc);
  tracer_.event(thread, EventType::ProcSteal,
                {number(proc.id), ++proc.sequence, number(proc.thread->id)});
  if (!abandoned) proc.thread->proc = nullptr;
  proc.status = ProcStatus::Idle;
  proc.thread = nullptr;
  return true;
}

bool RandomProgram::start_goroutine(Thread& thread) {
  if (runnable_.empty()) return false;
  Goroutine& goroutine = *runnable_[random_.below(runnable_.size())];
  tracer_.trace(thread);
  tracer_.trace(thread, goroutine);
  tracer_.event(thread, EventType::GoStart, {number(goroutine.id), ++goroutine.sequence});
  set_status(goroutine, GoStatus::Running, &thread);
  thread.goroutine = &goroutine;
  return true;
}

bool RandomProgram::create(Thread& thread, bool as_coroutine) {
  if (goroutines_.size() > options_.goroutines * 3 / 2) return false;
  if (as_coroutine && options_.version < Version::Go123) return false;
  tracer_.trace(thread);
  Goroutine& goroutine = new_goroutine(as_coroutine ? GoStatus::Waiting : GoStatus::Runnable);
  if (as_coroutine) {
    unlist(goroutine);
    goroutine.coroutine = true;
    enlist(goroutine);
  }
  goroutine.traced = true;
  const EventType type = as_coroutine ? EventType::GoCreateBlocked : EventType::GoCreate;
  tracer_.event(thread, type, {number(goroutine.id), stack(), stack()});
  return true;
}

bool RandomProgram::unblock(Thread& thread) {
  // Those that wait to be switched to are woken up only when nobody else is left.
  const std::vector<Goroutine*>& list = waiting_.empty() ? coroutines_ : waiting_;
  if (list.empty()) return false;
  Goroutine& goroutine = *list[random_.below(list.size())];
  tracer_.trace(thread);
  tracer_.trace(thread, goroutine);
  tracer_.event(thread, EventType::GoUnblock,
                {number(goroutine.id), ++goroutine.sequence, stack()});
  set_status(goroutine, GoStatus::Runnable, nullptr);
  goroutine.coroutine = false;
  return true;
}

bool RandomProgram::block(Thread& thread) {
  end_sweep(thread);
  tracer_.event(thread, EventType::GoBlock, {string(tracer_.words().reason()), stack()});
  set_status(*thread.goroutine, GoStatus::Waiting, nullptr);
  thread.goroutine = nullptr;
  return true;
}

bool RandomProgram::yield(Thread& thread) {
  end_sweep(thread);
  tracer_.event(thread, EventType::GoStop, {string(tracer_.words().reason()), stack()});
  set_status(*thread.goroutine, GoStatus::Runnable, nullptr);
  thread.goroutine = nullptr;
  return true;
}

bool RandomProgram::destroy(Thread& thread) {
  Goroutine& goroutine = *thread.goroutine;
  if (goroutine.from_c) {
    goroutine.returning = true;
    return begin_syscall(thread);
  }
  if (2 * goroutines_.size() < options_.goroutines) return false;
  end_sweep(thread);
  end_assist(thread);
  tracer_.event(thread, EventType::GoDestroy, {});
  thread.goroutine = nullptr;
  remove(goroutine);
  return true;
}

bool RandomProgram::begin_syscall(Thread& thread) {
  end_sweep(thread);
  tracer_.trace(thread);
  tracer_.event(thread, EventType::GoSyscallBegin, {++thread.proc->sequence, stack()});
  thread.proc->status = ProcStatus::Syscall;
  set_status(*thread.goroutine, GoStatus::Syscall, &thread);
  return true;
}

bool RandomProgram::end_syscall(Thread& thread) {
  tracer_.event(thread, EventType::GoSyscallEnd, {});
  thread.proc->status = ProcStatus::Running;
  set_status(*thread.goroutine, GoStatus::Running, &thread);
  return true;
}

bool RandomProgram::end_blocked_syscall(Thread& thread) {
  tracer_.event(thread, EventType::GoSyscallEndBlocked, {});
  set_status(*thread.goroutine, GoStatus::Runnable, nullptr);
  thread.goroutine = nullptr;
  return true;
}

bool RandomProgram::call_from_c(Thread& thread) {
  if (goroutines_.size() > options_.goroutines * 3 / 2) return false;
  Goroutine& goroutine = new_goroutine(GoStatus::Syscall);
  goroutine.from_c = true;
  goroutine.traced = true;
  tracer_.event(thread, EventType::GoCreateSyscall, {number(goroutine.id)});
  goroutine.thread = &thread;
  thread.goroutine = &goroutine;
  return true;
}

bool RandomProgram::return_to_c(Thread& thread) {
  if (thread.proc != nullptr && loose()) return false;
  if (thread.goroutine->assisting) return false;
  Goroutine& goroutine = *thread.goroutine;
  tracer_.event(thread, EventType::GoDestroySyscall, {});
  if (thread.proc != nullptr) thread.proc->status = ProcStatus::SyscallAbandoned;
  thread.proc = nullptr;
  thread.goroutine = nullptr;
  remove(goroutine);
  return true;
}

bool RandomProgram::switch_to_coroutine(Thread& thread, bool destroys) {
  if (coroutines_.empty()) return false;
  Goroutine& last = *thread.goroutine;
  if (destroys && (last.from_c || last.assisting)) return false;
  end_sweep(thread);
  Goroutine& next = *coroutines_[random_.below(coroutines_.size())];
  tracer_.trace(thread);
  tracer_.trace(thread, next);
  tracer_.event(thread, destroys ? EventType::GoSwitchDestroy : EventType::GoSwitch,
                {number(next.id), ++next.sequence});
  if (destroys) {
    remove(last);
  } else {
    // It waits to be switched to, too; a thread may wake it up instead if nobody does.
    last.coroutine = random_.chance(50);
    set_status(last, GoStatus::Waiting, nullptr);
  }
  set_status(next, GoStatus::Running, &thread);
  next.coroutine = false;
  thread.goroutine = &next;
  return true;
}

bool RandomProgram::stop_the_world(Thread& thread) {
  tracer_.event(thread, EventType::STWBegin,
                {string(tracer_.words().stop_the_world_kind()), stack()});
  while (random_.chance(40)) heap_metric(thread);
  tracer_.event(thread, EventType::STWEnd, {});
  return true;
}

bool RandomProgram::collector(Thread& thread) {
  // The first one that a reader meets is taken as the first one there was.
  if (loose() && &thread != threads_.front().get()) return false;
  if (collecting_) {
    tracer_.event(thread, EventType::GCEnd, {++gc_sequence_});
  } else {
    tracer_.event(thread, EventType::GCBegin, {++gc_sequence_, stack()});
  }
  collecting_ = !collecting_;
  return true;
}

bool RandomProgram::sweep(Thread& thread) {
  if (thread.proc->sweeping) {
    end_sweep(thread);
    return true;
  }
  tracer_.event(thread, EventType::GCSweepBegin, {stack()});
  thread.proc->sweeping = true;
  return true;
}

void RandomProgram::end_sweep(Thread& thread) {
  if (!thread.proc->sweeping) return;
  const std::uint64_t swept = 8192 * random_.below(10);
  tracer_.event(thread, EventType::GCSweepEnd, {swept, swept / (1 + random_.below(3))});
  thread.proc->sweeping = false;
}

bool RandomProgram::assist(Thread& thread) {
  if (thread.goroutine->assisting) {
    end_assist(thread);
    return true;
  }
  tracer_.event(thread, EventType::GCMarkAssistBegin, {stack()});
  thread.goroutine->assisting = true;
  return true;
}

void RandomProgram::end_assist(Thread& thread) {
  if (!thread.goroutine->assisting) return;
  tracer_.event(thread, EventType::GCMarkAssistEnd, {});
  thread.goroutine->assisting = false;
}

bool RandomProgram::heap_metric(Thread& thread) {
  const std::uint64_t bytes = random_.below(200'000'000);
  tracer_.event(thread, random_.chance(85) ? EventType::HeapAlloc : EventType::HeapGoal, {bytes});
  return true;
}

bool RandomProgram::procs_change(Thread& thread) {
  if (procs_.size() < 2 * options_.procs && random_.chance(30)) add_proc();
  tracer_.event(thread, EventType::ProcsChange, {procs_.size(), stack()});
  return true;
}

std::uint64_t RandomProgram::some_task() {
  return tasks_.empty() || random_.chance(30) ? 0 : tasks_[random_.below(tasks_.size())].id;
}

bool RandomProgram::task(Thread& thread) {
  const GoID here = thread.goroutine->id;
  if (tasks_.size() < options_.goroutines && random_.chance(50)) {
    const std::uint64_t parent = some_task();
    // The first ids belong to tasks that began before the trace.
    const std::uint64_t id = 10 + ++last_task_;
    tracer_.event(thread, EventType::UserTaskBegin,
                  {id, parent, string(tracer_.words().name()), stack()});
    tasks_.push_back({id, here});
    return true;
  }
  if (tasks_.empty() || random_.chance(5)) {
    tracer_.event(thread, EventType::UserTaskEnd, {1 + random_.below(9), stack()});
    return true;
  }
  UserTask& task = tasks_[random_.below(tasks_.size())];
  // Only the goroutine's own events are ordered where times are not.
  if (loose() && task.creator != here) {
    if (random_.chance(90)) return false;
    task = tasks_.back();
    tasks_.pop_back();
    return false;
  }
  tracer_.event(thread, EventType::UserTaskEnd, {task.id, stack()});
  task = tasks_.back();
  tasks_.pop_back();
  return true;
}

bool RandomProgram::region(Thread& thread) {
  auto& regions = thread.goroutine->regions;
  if (regions.size() < 5 && random_.chance(50)) {
    const RandomGoroutine::Region region{some_task(), tracer_.words().name()};
    regions.push_back(region);
    tracer_.event(thread, EventType::UserRegionBegin, {region.task, string(region.name), stack()});
    return true;
  }
  if (!regions.empty()) {
    const RandomGoroutine::Region region = regions.back();
    regions.pop_back();
    tracer_.event(thread, EventType::UserRegionEnd, {region.task, string(region.name), stack()});
    return true;
  }
  if (thread.goroutine->unknown_regions == 0) return false;
  thread.goroutine->unknown_regions--;
  tracer_.event(thread, EventType::UserRegionEnd,
                {some_task(), string(tracer_.words().name()), stack()});
  return true;
}

bool RandomProgram::log(Thread& thread) {
  tracer_.event(
      thread, EventType::UserLog,
      {some_task(), string(tracer_.words().name()), string(tracer_.words().name()), stack()});
  return true;
}

bool RandomProgram::label(Thread& thread) {
  tracer_.event(thread, EventType::GoLabel, {string(tracer_.words().name())});
  return true;
}

bool RandomProgram::experiment(Thread& thread) {
  if (options_.workload != RandomWorkload::Everything || options_.version < Version::Go123) {
    return false;
  }
  const std::uint64_t id = random_.below(100'000);
  switch (random_.below(7)) {
    case 0: tracer_.event(thread, EventType::SpanAlloc, {id, random_.below(64), 34}); break;
    case 1: tracer_.event(thread, EventType::SpanFree, {id}); break;
    case 2: tracer_.event(thread, EventType::HeapObjectAlloc, {id, random_.below(1000)}); break;
    case 3: tracer_.event(thread, EventType::HeapObjectFree, {id}); break;
    case 4: tracer_.event(thread, EventType::GoroutineStackAlloc, {id, random_.below(8)}); break;
    case 5: tracer_.event(thread, EventType::GoroutineStackFree, {id}); break;
    default: tracer_.experimental_batch(thread); break;
  }
  return true;
}

}  // namespace marey::simulation
