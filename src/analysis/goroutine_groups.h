// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/slot_array.h"
#include "src/analysis/slot_sums.h"

namespace marey::analysis {

/// Where goroutines spend their time, summed up by the function that they were started with.
///
/// The parts are those of Go's summary (internal/trace/summary.go, the goroutine pages of `go tool
/// trace`): every moment between a goroutine's creation (or the trace's begin) and its end (or the
/// trace's end, or the moment from which it waits for ever) is in exactly one of them. Where damage
/// hides what a goroutine did, the time is unknown. One thing is not as in Go: of a goroutine that
/// is blocked in a system call when the trace ends, Go counts the time without a proc twice, as
/// system call and as scheduler wait; here it is blocked, once. Go counts the goroutines of calls
/// from C by their ids, which are used again, and knows only the last one of each; so does this.
///
/// A goroutine's sums are added to its group when it ends: memory is for those alive.
class GoroutineGroups final : public Analysis {
 public:
  /// Time by what it is spent on, ns.
  struct Times {
    Duration total = 0;
    Duration execution = 0;
    Duration scheduler_wait = 0;
    Duration syscall = 0;        ///< in system calls, with a proc
    Duration syscall_block = 0;  ///< in system calls, after the proc was taken away
    Duration unknown = 0;
    Duration gc_assist = 0;  ///< overlaps with the others, as does gc_sweep
    Duration gc_sweep = 0;

    void add(const Times& other);
  };
  struct Group {
    std::uint64_t goroutines = 0;
    std::uint64_t at_end = 0;  ///< of these, alive when the trace ends
    Times times;
    boost::unordered_flat_map<Text, Duration> waiting;  ///< by reason
  };

  explicit GoroutineGroups(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Callback {
    Time end = 0;
    FrameNumber root = FrameNumber::None;
    Group alone;
  };

  static void add_syscall(Times& times, const Interval& interval);
  void end_goroutine(const Interval& life, FrameNumber root);
  /// Adds all that a goroutine has spent.
  void drain(const Interval& life, Group& group);
  Group& group_of(FrameNumber root);
  static void add_group(Group& group, const Group& other);

  const Vocabulary& vocabulary_;
  SlotArray<Times> spent_;                         // so far
  SlotSums<Duration> waiting_;                     // of that, by reason
  boost::unordered_flat_map<Text, Group> groups_;  // by function
  std::vector<Text> function_of_root_;             // by frame number; Empty: not looked up yet
  boost::unordered_flat_map<GoID, Callback> callbacks_;
};

}  // namespace marey::analysis
