// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/order/v1/event.h"
#include "src/order/v1/goroutines.h"

namespace marey::order::v1 {

/// How an event can contradict what has been before it.
enum class Violation : std::uint8_t {
  None,
  ProcAlreadyRunning,
  ProcNotRunning,
  ProcRunsGoroutine,
  GCNotEnded,
  GCNotBegun,
  StwNotEnded,
  StwNotBegun,
  SweepNotEnded,
  SweepNotBegun,
  AssistNotEnded,
  NotRunnableBeforeWaiting,
  NotRunnableBeforeInSyscall,
  NotRunning,
  ProcRunsAnother,
  NoGoroutine,
  AlreadyExists,
  NotRunnableBeforeStart,
  ProcBusyBeforeStart,
  NotRunningBeforeUnpark,
  ProcRunsAnotherBeforeUnpark,
  NotWaitingBeforeUnpark,
  NotWaitingBeforeExit,
  TaskConflict,
  MisnestedRegion,
  UnknownRegionMode,
};

/// What the check has to know of a proc.
struct ProcState {
  std::uint64_t goroutine = 0;  ///< that it runs
  bool is_running = false;
  bool is_sweeping = false;
};

/// Go's checks of the ordered events ("post-processing"): that procs run one goroutine at a time,
/// that a goroutine was blocked before it is unblocked, that regions nest, and so on. Each event
/// is checked against the states before it, and then takes effect as if these had been right.
///
/// The check is made while the events are put in order, on the way; there it says only whether
/// all is well, and which goroutines had waited for the network. When all is not well, it is made
/// again (with `keep_events`) for the words, which need more memory.
class StateCheck {
 public:
  StateCheck(Goroutines& goroutines, bool keep_events)
      : goroutines_(goroutines), regions_(1), keep_events_(keep_events) {}

  /// Checks one event of the given type. `context` is the slot of event.goroutine, `target` that of
  /// the goroutine that a GoCreate or GoUnblock names. `by_timer`: the goroutine is the runtime's
  /// timer goroutine, which unblocks others on any proc.
  Violation check(EventType type, const Event& event, GoroutineSlot context, GoroutineSlot target,
                  ProcState& proc, bool by_timer);

  /// Whether the goroutine that the GoUnblock checked last names had waited for the network.
  bool unblocked_from_net() const { return unblocked_from_net_; }

  struct Region {
    std::uint64_t task = 0;
    std::uint64_t name = 0;  ///< string id
    std::int64_t ticks = 0;
    std::int32_t proc = 0;
    std::uint32_t stack = 0;
    std::uint32_t below = 0;  ///< place of the region around it, 0: none
  };
  /// The regions, innermost first, in which the goroutine was whose GoEnd was checked last.
  std::span<const Region> left_regions() const { return left_regions_; }

  /// After TaskConflict or MisnestedRegion, with keep_events: the event of before that the checked
  /// one conflicts with. After ProcRunsGoroutine or ProcBusyBeforeStart: its goroutine is the one
  /// that the proc runs.
  const Event& other() const { return other_; }

 private:
  Violation check_running(const Event& event, const Goroutine& goroutine, const ProcState& proc,
                          bool or_none = false);
  Violation check_task(const Event& event);
  Violation check_region(const Event& event, Goroutine& goroutine);
  void close_region(std::uint32_t& link);
  void leave_regions(Goroutine& goroutine);

  Goroutines& goroutines_;
  std::vector<Region> regions_;
  std::vector<std::uint32_t> free_regions_;
  std::vector<Region> left_regions_;
  boost::unordered_flat_set<std::uint64_t> tasks_;
  std::unordered_map<std::uint64_t, Event> task_events_;
  Event other_;
  bool keep_events_;
  bool in_gc_ = false;
  bool in_stw_ = false;
  bool unblocked_from_net_ = false;
};

inline Violation StateCheck::check_running(const Event& event, const Goroutine& goroutine,
                                           const ProcState& proc, bool or_none) {
  if (goroutine.state != GoroutineState::Running) return Violation::NotRunning;
  if (proc.goroutine != event.goroutine) return Violation::ProcRunsAnother;
  if (!or_none && event.goroutine == 0) return Violation::NoGoroutine;
  return Violation::None;
}

[[gnu::always_inline]] inline Violation StateCheck::check(EventType type, const Event& event,
                                                          GoroutineSlot context,
                                                          GoroutineSlot target, ProcState& proc,
                                                          bool by_timer) {
  Goroutine& goroutine = goroutines_[context];
  Violation violation = Violation::None;
  switch (type) {
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
        violation = type == EventType::GoWaiting ? Violation::NotRunnableBeforeWaiting
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
      if (type == EventType::GoEnd) leave_regions(goroutine);
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
      goroutine.blocked_on_net = type == EventType::GoBlockNet;
      proc.goroutine = 0;
      break;
    case EventType::UserTaskCreate: return check_task(event);
    case EventType::UserTaskEnd:
      tasks_.erase(event.args[0]);
      if (keep_events_) task_events_.erase(event.args[0]);
      break;
    case EventType::UserRegion: return check_region(event, goroutine);
    default: break;
  }
  return violation;
}

}  // namespace marey::order::v1
