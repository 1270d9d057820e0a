// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "marey/event.h"

#include "src/order/v1/batch_index.h"
#include "src/order/v1/clock.h"
#include "src/order/v1/event.h"
#include "src/order/v1/frontier.h"
#include "src/order/v1/merge.h"
#include "src/order/v1/table_builder.h"

namespace marey::order::v1 {

/// Turns the ordered events of a v1 trace into v2's, as Go's reader does.
///
/// Most have a counterpart. Those that have not:
///   - What comes before the first Gomaxprocs tells which goroutines there are; it becomes their
///     GoStatus.
///   - The first event of a proc becomes its ProcStatus.
///   - GoSysCall is a moment, and becomes a system call of one nanosecond; or, if it blocks, the
///     beginning of one that lasts until GoSysExit.
///   - GoStartLabel becomes two events.
/// So one event becomes none, one, or many.
class Converter {
 public:
  /// All arguments must outlive it; `tables` gets names of tasks that end.
  Converter(const BatchIndex& index, const MergeResult& merged, wire::Version version, Clock clock,
            TableBuilder& tables);

  enum class Outcome : std::uint8_t { Event, Nothing, UnknownType };

  /// Converts the next event; `number` is the number of the proc that wrote it. If it becomes
  /// several, the other ones follow by more().
  Outcome convert(const Event& event, ProcNumber number, marey::Event::Record& out);
  /// The next event that came of the one converted last; false if there is none.
  bool more(marey::Event::Record& out);

 private:
  struct ProcInfo {
    std::int64_t thread = -1;
    bool is_known = false;
  };
  struct TaskInfo {
    std::uint64_t parent = 0;
    std::uint64_t name = 0;
  };

  void end_preface(Time time);
  std::uint64_t stw_reason(std::uint64_t kind) const;
  ThreadID thread_of(std::int32_t proc, ProcNumber number) const;

  const BatchIndex* index_;
  const MergeResult* merged_;
  TableBuilder* tables_;
  Clock clock_;
  wire::Version version_;
  std::vector<ProcInfo> procs_;
  std::array<ProcNumber, 4> made_up_procs_{};  // numbers of procs with the ids that Go makes up
  boost::unordered_flat_map<std::uint64_t, TaskInfo> tasks_;
  boost::unordered_flat_set<std::uint64_t> created_;  // in the preface, and nothing more known
  std::vector<std::uint64_t> runnable_;               // statuses still to be given, last one first
  marey::Event::Record second_;
  std::uint64_t stw_reason_ = 0;
  std::uint64_t syscalls_ = 0;  // GoSysCalls seen
  std::uint64_t unblocks_ = 0;  // GoUnblocks seen
  Time runnable_time_ = 0;
  bool has_second_ = false;
  bool in_preface_;
};

}  // namespace marey::order::v1
