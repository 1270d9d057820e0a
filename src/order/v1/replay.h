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
  /// Number of the proc that wrote the event that came last.
  ProcNumber proc_number() const { return given_number_; }
  /// Byte offset somewhere behind that event.
  std::uint64_t offset() const;

 private:
  bool decode();

  std::vector<ProcCursor> procs_;
  SampleCursor samples_;
  boost::unordered_flat_set<std::uint64_t> timers_;
  const MergeResult* merged_;
  RunReader runs_;
  RunReader::Run run_;
  ExitReader exits_;
  Event event_;  // the next of those in the order of writing
  Event exit_;
  MovedExit place_{.position = ~std::uint64_t{0}};  // of event_; one is added for each event
  std::uint64_t exit_count_ = 0;                    // GoSysExits decoded
  ProcNumber given_number_ = kNoProc;
  bool has_event_ = false;
};

}  // namespace marey::order::v1
