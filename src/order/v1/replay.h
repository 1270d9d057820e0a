// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/order/judgement.h"
#include "src/order/v1/batch_index.h"
#include "src/order/v1/event.h"
#include "src/order/v1/frontier.h"
#include "src/order/v1/logs.h"
#include "src/order/v1/merge.h"
#include "src/order/v1/order_rules.h"
#include "src/order/v1/proc_cursor.h"
#include "src/order/v1/sample_cursor.h"

namespace marey::order::v1 {

/// Gives the events of a merged trace in their order, exits from system calls where they belong:
/// what Go's reader calls the sorted events. Decodes them again, but only has to follow the logs.
class Replay {
 public:
  /// Number of no proc: of the exits that were moved.
  static constexpr ProcNumber kNoProc = ~ProcNumber{0};

  /// All arguments must outlive it.
  Replay(std::span<const std::byte> bytes, const BatchIndex& index, const MergeResult& merged,
         Judgement judgement);

  /// The next event, nullptr at the end. Valid until the next call.
  ///
  /// Its proc is the one that Go's reader gives it before its checks: kSyscallProc for exits and
  /// kTimerProc for what a timer goroutine unblocks.
  const Event* next();
  /// Number of the proc that wrote the event that next() gave last.
  ProcNumber proc_number() const { return given_number_; }

  /// Calls visit(type, event, number of its proc) with the next event; false at the end. For most
  /// events visit() is called with a constant type, so that there is a copy of it for each.
  template <class Visitor>
  bool visit_next(Visitor&& visit);

  /// Byte offset somewhere behind that event.
  std::uint64_t offset() const;

 private:
  bool decode();
  bool take(EventType type, Event& event);
  bool is_timer(std::uint64_t goroutine) const {
    return !timers_.empty() && timers_.contains(goroutine);
  }

  std::vector<ProcCursor> procs_;
  SampleCursor samples_;
  boost::unordered_flat_set<std::uint64_t> timers_;
  const MergeResult* merged_;
  RunReader runs_;
  RunReader::Run run_;
  ExitReader exits_;
  std::int64_t exit_ticks_ = INT64_MAX;  // of the next exit
  Event event_;                          // the next of those in the order of writing
  Event exit_;
  MovedExit place_{.position = ~std::uint64_t{0}};  // of event_; one is added for each event
  std::uint64_t exit_count_ = 0;                    // GoSysExits decoded
  ProcNumber given_number_ = kNoProc;
  bool has_event_ = false;
};

/// Decodes the next event, which cursor.peek() has said is of this type, if nothing else has to
/// come before it; otherwise leaves everything to next().
[[gnu::always_inline]] inline bool Replay::take(EventType type, Event& event) {
  ProcCursor& cursor = procs_[run_.proc];
  if (!cursor.take(type, event)) [[unlikely]]
    return false;
  event.proc = cursor.proc();
  if (ordered_type(type) == EventType::GoUnblock && is_timer(event.goroutine)) [[unlikely]] {
    event.proc = kTimerProc;
  }
  run_.length--;
  place_.position++;
  if (event.ticks < exit_ticks_) [[likely]]
    return true;
  place_.ticks = event.ticks;
  event.type = ordered_type(type);
  event_ = event;
  has_event_ = true;
  return false;
}

template <class Visitor>
[[gnu::always_inline]] inline bool Replay::visit_next(Visitor&& visit) {
  if (run_.length != 0 && run_.proc < procs_.size() && !has_event_) {
    switch (procs_[run_.proc].peek()) {
#define MAREY_VISIT(type)                                                            \
  case EventType::type: {                                                            \
    Event event;                                                                     \
    if (!take(EventType::type, event)) break;                                        \
    visit(ordered_type(EventType::type), event, static_cast<ProcNumber>(run_.proc)); \
    return true;                                                                     \
  }
      MAREY_V1_USUAL_EVENT_TYPES(MAREY_VISIT)
#undef MAREY_VISIT
      default: break;
    }
  }
  const Event* const event = next();
  if (event == nullptr) return false;
  visit(event->type, *event, proc_number());
  return true;
}

}  // namespace marey::order::v1
