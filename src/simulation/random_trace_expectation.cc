// SPDX-License-Identifier: Apache-2.0
#include "src/simulation/random_trace_expectation.h"

#include <algorithm>

namespace marey::simulation {
namespace {

using order::kSyncType;
using order::type_number;
using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;

GoState state_of(GoStatus status) {
  switch (status) {
    case GoStatus::Runnable: return GoState::Runnable;
    case GoStatus::Running: return GoState::Running;
    case GoStatus::Syscall: return GoState::Syscall;
    default: return GoState::Waiting;
  }
}

bool holds_thread(ProcStatus status) {
  return status == ProcStatus::Running || status == ProcStatus::Syscall;
}

}  // namespace

void Expectation::begin_generation(wire::Tables* tables, std::uint64_t ticks) {
  if (!wanted()) return;
  tables_ = tables;
  deliver_sync(tables, ticks);
}

void Expectation::end() {
  if (!wanted()) return;
  deliver_sync(nullptr, static_cast<std::uint64_t>(last_time_) / nanoseconds_per_tick_);
}

void Expectation::deliver_sync(const wire::Tables* tables, std::uint64_t ticks) {
  Event::Record record;
  record.time = static_cast<Time>(ticks * nanoseconds_per_tick_);
  record.args[0] = ++syncs_;
  record.tables = tables;
  record.type = kSyncType;
  deliver(record);
}

void Expectation::deliver(Event::Record record) {
  record.time = std::max(record.time, last_time_ + 1);
  last_time_ = record.time;
  sink_(record);
}

void Expectation::sample(std::uint64_t ticks, ThreadID thread, ProcID proc, GoID goroutine,
                         StackID stack) {
  if (!wanted()) return;
  Event::Record record;
  record.time = static_cast<Time>(ticks * nanoseconds_per_tick_);
  record.goroutine = goroutine;
  record.proc = proc;
  record.thread = thread;
  record.args[0] = raw(stack);
  record.tables = tables_;
  record.type = type_number(EventType::CPUSample);
  deliver(record);
}

void Expectation::event(ThreadID thread, std::uint64_t ticks, EventType type,
                        std::span<const std::uint64_t> args) {
  if (!wanted()) return;
  Context nobody;
  Context& context = thread == kNoThread ? nobody : threads_[raw(thread)];
  Event::Record record;
  record.time = static_cast<Time>(ticks * nanoseconds_per_tick_);
  record.goroutine = context.goroutine;
  record.proc = context.proc;
  record.thread = thread;
  std::ranges::copy(args, record.args.begin());
  record.tables = tables_;
  record.type = type_number(type);
  switch (type) {
    case EventType::ProcStatus: return proc_status(record, context);
    case EventType::GoStatus:
    case EventType::GoStatusStack: return goroutine_status(record, context);
    case EventType::ProcSteal: return proc_steal(record, context);
    case EventType::GoDestroySyscall: return destroy_in_syscall(record, context);
    case EventType::GoSwitch:
    case EventType::GoSwitchDestroy: return coroutine_switch(record, context);
    case EventType::UserTaskBegin:
    case EventType::UserTaskEnd: task_event(record); break;
    case EventType::STWBegin: stop_the_world_kinds_[raw(context.goroutine)] = record.args[0]; break;
    case EventType::STWEnd: record.args[0] = stop_the_world_kinds_[raw(context.goroutine)]; break;
    default: break;
  }
  deliver(record);
  apply(record, context);
}

void Expectation::apply(const Event::Record& record, Context& context) {
  const auto first = static_cast<std::int64_t>(record.args[0]);
  switch (static_cast<EventType>(record.type)) {
    case EventType::ProcStart:
      procs_[first] = ProcStatus::Running;
      context.proc = ProcID{first};
      break;
    case EventType::ProcStop:
      procs_[raw(context.proc)] = ProcStatus::Idle;
      context.proc = kNoProc;
      break;
    case EventType::GoCreate:
    case EventType::GoCreateBlocked: goroutines_.insert(first); break;
    case EventType::GoCreateSyscall:
      goroutines_.insert(first);
      context.goroutine = GoID{first};
      break;
    case EventType::GoStart: context.goroutine = GoID{first}; break;
    case EventType::GoDestroy:
      goroutines_.erase(raw(context.goroutine));
      context.goroutine = kNoGoroutine;
      break;
    case EventType::GoStop:
    case EventType::GoBlock:
    case EventType::GoSyscallEndBlocked: context.goroutine = kNoGoroutine; break;
    case EventType::GoSyscallBegin: procs_[raw(context.proc)] = ProcStatus::Syscall; break;
    case EventType::GoSyscallEnd: procs_[raw(context.proc)] = ProcStatus::Running; break;
    default: break;
  }
}

void Expectation::proc_status(Event::Record& record, Context& context) {
  const auto id = static_cast<std::int64_t>(record.args[0]);
  const auto status = static_cast<ProcStatus>(record.args[1]);
  const auto known = procs_.find(id);
  if (known == procs_.end()) {
    record.args[2] =
        static_cast<std::uint64_t>(syncs_ == 1 ? ProcState::Undetermined : ProcState::NotExist);
    procs_[id] = status;
  } else if (status == ProcStatus::SyscallAbandoned && known->second == ProcStatus::Syscall) {
    // Another thread is about to steal the proc and tells its status. Nothing was lost, so the
    // event belongs to the thread that holds the proc.
    record.args[1] = static_cast<std::uint64_t>(ProcStatus::Syscall);
    record.args[2] = static_cast<std::uint64_t>(ProcState::Running);
    for (const auto& [thread, holder] : threads_) {
      if (raw(holder.proc) != id) continue;
      record.thread = ThreadID{thread};
      record.proc = ProcID{id};
      record.goroutine = holder.goroutine;
    }
  } else {
    record.args[2] =
        static_cast<std::uint64_t>(holds_thread(status) ? ProcState::Running : ProcState::Idle);
  }
  deliver(record);
  if (holds_thread(status)) context.proc = ProcID{id};
}

void Expectation::goroutine_status(Event::Record& record, Context& context) {
  const auto id = static_cast<std::int64_t>(record.args[0]);
  const auto thread = static_cast<std::int64_t>(record.args[1]);
  const auto status = static_cast<GoStatus>(record.args[2]);
  const bool is_new = goroutines_.insert(id).second;
  const GoState before = is_new ? GoState::Undetermined : state_of(status);
  record.args[2] |= static_cast<std::uint64_t>(before) << 32;
  if (status == GoStatus::Syscall && thread != raw(record.thread)) {
    // It has been sitting there all the time: the event belongs to that thread.
    const auto [holder, is_new_thread] = threads_.try_emplace(thread);
    if (!is_new_thread) record.goroutine = GoID{id};
    holder->second.goroutine = GoID{id};
    record.thread = ThreadID{thread};
    return deliver(record);
  }
  deliver(record);
  if (status == GoStatus::Running || status == GoStatus::Syscall) context.goroutine = GoID{id};
}

void Expectation::proc_steal(Event::Record& record, Context& context) {
  const auto id = static_cast<std::int64_t>(record.args[0]);
  ProcStatus& status = procs_[id];
  record.args[3] = static_cast<std::uint64_t>(status);
  deliver(record);
  const bool lost = status == ProcStatus::SyscallAbandoned;
  status = ProcStatus::Idle;
  if (lost) return;
  const auto from = static_cast<std::int64_t>(record.args[2]);
  (from == raw(record.thread) ? context : threads_[from]).proc = kNoProc;
}

void Expectation::destroy_in_syscall(const Event::Record& record, Context& context) {
  if (context.proc != kNoProc) {
    Event::Record steal = record;
    steal.type = type_number(EventType::ProcSteal);
    steal.args = {static_cast<std::uint64_t>(raw(context.proc)), 0, 0,
                  static_cast<std::uint64_t>(ProcStatus::Syscall)};
    deliver(steal);
    procs_[raw(context.proc)] = ProcStatus::SyscallAbandoned;
  }
  deliver(record);
  goroutines_.erase(raw(context.goroutine));
  context = {};
}

void Expectation::coroutine_switch(const Event::Record& record, Context& context) {
  deliver(record);
  const bool destroys = static_cast<EventType>(record.type) == EventType::GoSwitchDestroy;
  Event::Record stop = record;
  stop.type = type_number(destroys ? EventType::GoDestroy : EventType::GoBlock);
  stop.args = {};
  deliver(stop);
  if (destroys) goroutines_.erase(raw(context.goroutine));
  Event::Record start = record;
  start.type = type_number(EventType::GoStart);
  start.goroutine = kNoGoroutine;
  deliver(start);
  context.goroutine = GoID{static_cast<std::int64_t>(record.args[0])};
}

void Expectation::task_event(Event::Record& record) {
  const std::uint64_t id = record.args[0];
  if (static_cast<EventType>(record.type) == EventType::UserTaskBegin) {
    if (TaskID{record.args[1]} == kBackgroundTask) record.args[1] = raw(kNoTask);
    tasks_[id] = {record.args[1], std::string(tables_->string(StringID{record.args[2]}))};
    return;
  }
  const auto task = tasks_.find(id);
  if (task == tasks_.end()) {
    record.args[2] = raw(kNoTask);
    record.args[3] = 0;
    return;
  }
  record.args[2] = task->second.parent;
  record.args[3] = tables_->add_extra_string(task->second.type);
  tasks_.erase(task);
}

}  // namespace marey::simulation
