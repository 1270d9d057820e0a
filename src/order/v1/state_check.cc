// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/state_check.h"

namespace marey::order::v1 {
namespace {

/// Regions that are looked through for the one that a mis-nested end means.
constexpr unsigned kMaxSearch = 32;

}  // namespace

Violation StateCheck::check_running(const Event& event, const Goroutine& goroutine,
                                    const ProcState& proc, bool or_none) {
  if (goroutine.state != GoroutineState::Running) return Violation::NotRunning;
  if (proc.goroutine != event.goroutine) return Violation::ProcRunsAnother;
  if (!or_none && event.goroutine == 0) return Violation::NoGoroutine;
  return Violation::None;
}

Violation StateCheck::check(const Event& event, GoroutineSlot context, GoroutineSlot target,
                            ProcState& proc, bool by_timer) {
  Goroutine& goroutine = goroutines_[context];
  Violation violation = Violation::None;
  switch (event.type) {
    case EventType::ProcStart:
      if (proc.is_running) violation = Violation::ProcAlreadyRunning;
      proc.is_running = true;
      break;
    case EventType::ProcStop:
      if (!proc.is_running) {
        violation = Violation::ProcNotRunning;
      } else if (proc.goroutine != 0) {
        violation = Violation::ProcRunsGoroutine;
        other_.goroutine = proc.goroutine;
        proc.goroutine = 0;
      }
      proc.is_running = false;
      break;
    case EventType::GCStart:
      if (in_gc_) violation = Violation::GCNotEnded;
      in_gc_ = true;
      break;
    case EventType::GCDone:
      if (!in_gc_) violation = Violation::GCNotBegun;
      in_gc_ = false;
      break;
    case EventType::STWStart:
      if (in_stw_) violation = Violation::StwNotEnded;
      in_stw_ = true;
      break;
    case EventType::STWDone:
      if (!in_stw_) violation = Violation::StwNotBegun;
      in_stw_ = false;
      break;
    case EventType::GCSweepStart:
      if (proc.is_sweeping) violation = Violation::SweepNotEnded;
      proc.is_sweeping = true;
      break;
    case EventType::GCSweepDone:
      if (!proc.is_sweeping) violation = Violation::SweepNotBegun;
      proc.is_sweeping = false;
      break;
    case EventType::GCMarkAssistStart:
      if (goroutine.in_assist) violation = Violation::AssistNotEnded;
      goroutine.in_assist = true;
      break;
    case EventType::GCMarkAssistDone:
      // May have begun before the trace did.
      goroutine.in_assist = false;
      break;
    case EventType::GoWaiting:
    case EventType::GoInSyscall:
      if (goroutine.state != GoroutineState::Runnable) {
        violation = event.type == EventType::GoWaiting ? Violation::NotRunnableBeforeWaiting
                                                       : Violation::NotRunnableBeforeInSyscall;
      }
      goroutine.state = GoroutineState::Waiting;
      goroutine.blocked_on_net = false;
      break;
    case EventType::GoCreate: {
      violation = check_running(event, goroutine, proc, true);
      Goroutine& created = goroutines_[target];
      if (violation == Violation::None && created.exists) violation = Violation::AlreadyExists;
      if (target == Goroutines::kNone) break;
      created.exists = true;
      created.state = GoroutineState::Runnable;
      created.blocked_on_net = false;
      created.in_assist = false;
      break;
    }
    case EventType::GoStart:
    case EventType::GoStartLabel:
      if (goroutine.state != GoroutineState::Runnable) {
        violation = Violation::NotRunnableBeforeStart;
      } else if (proc.goroutine != 0) {
        violation = Violation::ProcBusyBeforeStart;
        other_.goroutine = proc.goroutine;
      }
      goroutine.state = GoroutineState::Running;
      goroutine.blocked_on_net = false;
      proc.goroutine = event.goroutine;
      break;
    case EventType::GoEnd:
    case EventType::GoStop:
      violation = check_running(event, goroutine, proc);
      goroutine.state = GoroutineState::Dead;
      proc.goroutine = 0;
      if (event.type == EventType::GoEnd) close_regions(goroutine);
      break;
    case EventType::GoSched:
    case EventType::GoPreempt:
      violation = check_running(event, goroutine, proc);
      goroutine.state = GoroutineState::Runnable;
      proc.goroutine = 0;
      break;
    case EventType::GoUnblock: {
      Goroutine& unblocked = goroutines_[target];
      if (goroutine.state != GoroutineState::Running) {
        violation = Violation::NotRunningBeforeUnpark;
      } else if (!by_timer && proc.goroutine != event.goroutine) {
        violation = Violation::ProcRunsAnotherBeforeUnpark;
      } else if (unblocked.state != GoroutineState::Waiting) {
        violation = Violation::NotWaitingBeforeUnpark;
      }
      unblocked_from_net_ = unblocked.blocked_on_net;
      unblocked.blocked_on_net = false;
      if (target != Goroutines::kNone) unblocked.state = GoroutineState::Runnable;
      break;
    }
    case EventType::GoSysCall:
      violation = check_running(event, goroutine, proc);
      goroutine.blocked_on_net = false;
      break;
    case EventType::GoSysExit:
      if (goroutine.state != GoroutineState::Waiting) violation = Violation::NotWaitingBeforeExit;
      goroutine.state = GoroutineState::Runnable;
      goroutine.blocked_on_net = false;
      break;
    case EventType::GoSysBlock:
    case EventType::GoSleep:
    case EventType::GoBlock:
    case EventType::GoBlockSend:
    case EventType::GoBlockRecv:
    case EventType::GoBlockSelect:
    case EventType::GoBlockSync:
    case EventType::GoBlockCond:
    case EventType::GoBlockNet:
    case EventType::GoBlockGC:
      violation = check_running(event, goroutine, proc);
      goroutine.state = GoroutineState::Waiting;
      goroutine.blocked_on_net = event.type == EventType::GoBlockNet;
      proc.goroutine = 0;
      break;
    case EventType::UserTaskCreate:
      return check_task(event);
    case EventType::UserTaskEnd:
      tasks_.erase(event.args[0]);
      if (keep_events_) task_events_.erase(event.args[0]);
      break;
    case EventType::UserRegion:
      return check_region(event, goroutine);
    default:
      break;
  }
  return violation;
}

Violation StateCheck::check_task(const Event& event) {
  const bool is_new = tasks_.insert(event.args[0]).second;
  if (!keep_events_) return is_new ? Violation::None : Violation::TaskConflict;
  Event& begin = task_events_[event.args[0]];
  other_ = begin;
  begin = event;
  return is_new ? Violation::None : Violation::TaskConflict;
}

Violation StateCheck::check_region(const Event& event, Goroutine& goroutine) {
  const std::uint64_t task = event.args[0];
  const std::uint64_t mode = event.args[1];
  const std::uint64_t name = event.args[2];
  if (mode == 0) {
    std::uint32_t place;
    if (free_regions_.empty()) {
      place = static_cast<std::uint32_t>(regions_.size());
      regions_.emplace_back();
    } else {
      place = free_regions_.back();
      free_regions_.pop_back();
    }
    regions_[place] = {task, name, event.ticks, event.proc, event.stack, goroutine.regions};
    goroutine.regions = place;
    return Violation::None;
  }
  if (mode != 1) return Violation::UnknownRegionMode;
  // The region may have begun before the trace did.
  if (goroutine.regions == 0) return Violation::None;
  const Region& innermost = regions_[goroutine.regions];
  if (innermost.task == task && innermost.name == name) {
    close_region(goroutine.regions);
    return Violation::None;
  }
  other_ = {.ticks = innermost.ticks,
            .goroutine = event.goroutine,
            .args = {innermost.task, 0, innermost.name, 0},
            .stack = innermost.stack,
            .proc = innermost.proc,
            .type = EventType::UserRegion};
  std::uint32_t* link = &goroutine.regions;
  for (unsigned i = 0; i < kMaxSearch && *link != 0; i++) {
    const Region& region = regions_[*link];
    if (region.task == task && region.name == name) {
      close_region(*link);
      break;
    }
    link = &regions_[*link].below;
  }
  return Violation::MisnestedRegion;
}

void StateCheck::close_region(std::uint32_t& link) {
  const std::uint32_t place = link;
  link = regions_[place].below;
  free_regions_.push_back(place);
}

void StateCheck::close_regions(Goroutine& goroutine) {
  while (goroutine.regions != 0) close_region(goroutine.regions);
}

}  // namespace marey::order::v1
