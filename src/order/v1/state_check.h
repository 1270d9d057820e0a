// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
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

  /// Checks one event. `context` is the slot of event.goroutine, `target` that of the goroutine
  /// that a GoCreate or GoUnblock names. `by_timer`: the goroutine is the runtime's timer
  /// goroutine, which unblocks others on any proc.
  Violation check(const Event& event, GoroutineSlot context, GoroutineSlot target, ProcState& proc,
                  bool by_timer);

  /// Whether the goroutine that the GoUnblock checked last names had waited for the network.
  bool unblocked_from_net() const { return unblocked_from_net_; }

  /// After TaskConflict or MisnestedRegion, with keep_events: the event of before that the checked
  /// one conflicts with. After ProcRunsGoroutine or ProcBusyBeforeStart: its goroutine is the one
  /// that the proc runs.
  const Event& other() const { return other_; }

 private:
  struct Region {
    std::uint64_t task = 0;
    std::uint64_t name = 0;
    std::int64_t ticks = 0;
    std::int32_t proc = 0;
    std::uint32_t stack = 0;
    std::uint32_t below = 0;  // place of the region around it, 0: none
  };

  Violation check_running(const Event& event, const Goroutine& goroutine, const ProcState& proc,
                          bool or_none = false);
  Violation check_task(const Event& event);
  Violation check_region(const Event& event, Goroutine& goroutine);
  void close_region(std::uint32_t& link);
  void close_regions(Goroutine& goroutine);

  Goroutines& goroutines_;
  std::vector<Region> regions_;
  std::vector<std::uint32_t> free_regions_;
  boost::unordered_flat_set<std::uint64_t> tasks_;
  std::unordered_map<std::uint64_t, Event> task_events_;
  Event other_;
  bool keep_events_;
  bool in_gc_ = false;
  bool in_stw_ = false;
  bool unblocked_from_net_ = false;
};

}  // namespace marey::order::v1
