// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/goroutine_times.h"
#include "src/analysis/slot_array.h"
#include "src/analysis/slot_sums.h"
#include "src/analysis/wait_reason.h"

namespace marey::analysis {

/// What one goroutine did from its creation (or the trace's begin) to its end (or the trace's end,
/// or the moment from which it waits for ever).
struct GoroutineRecord {
  struct Wait {
    Text reason = Text::Empty;
    Duration time = 0;
  };

  Interval life;
  FrameNumber root = FrameNumber::None;
  GoroutineTimes times;
  std::vector<Wait> waits;  ///< by reason, each once

  /// Alive at the end of what was looked at.
  bool is_alive() const { return life.end_edge == Edge::Trace || life.end_edge == Edge::Range; }
};

/// Sums up what each goroutine spends its time on, and hands out a record when its life is over.
///
/// The parts are those of Go's summary (internal/trace/summary.go, the goroutine pages of `go tool
/// trace`). Where damage hides what a goroutine did, the time is unknown. One thing is not as in
/// Go: of a goroutine that is blocked in a system call when the trace ends, Go counts the time
/// without a proc twice, as system call and as scheduler wait; here it is blocked, once. Go knows
/// goroutines by their ids; calls from C use theirs again, and it has only the last one of each: so
/// does this, and hands them out in the end.
///
/// Memory is for those alive, and for each id of calls from C.
class GoroutineSums {
 public:
  explicit GoroutineSums(const Vocabulary& vocabulary) : wait_kinds_(vocabulary) {}

  static Interests interests();

  /// Calls take(const GoroutineRecord&) for each life that is over.
  template <class Take>
  void add(std::span<const Interval> intervals, const GoroutineTable& goroutines, Take&& take) {
    for (const Interval& interval : intervals) {
      if (interval.state == GoState::NotExist) {
        end_life(interval, goroutines.at(interval.slot).root.frame);
        if (interval.is_outside) continue;
        if (interval.callback) {
          keep_callback(record_);
        } else {
          take(std::as_const(record_));
        }
      } else if (!interval.is_guess()) {  // which of the whole life is unknown then
        add(interval);
      }
    }
  }
  void add(GoState state, std::span<const BriefStay> stays);
  void add(std::span<const RangeInterval> ranges);
  void merge(GoroutineSums& next, const SlotMap& slots);
  /// Of the calls from C, once, after everything.
  template <class Take>
  void finish(Take&& take) {
    for (const auto& [goroutine, record] : callbacks_) take(std::as_const(record));
    callbacks_.clear();
  }

 private:
  /// What a goroutine has spent so far, but for waits.
  struct Sums {
    Duration execution = 0;
    Duration scheduler_wait = 0;
    Duration syscall = 0;
    Duration syscall_block = 0;
    Duration gc_assist = 0;
    Duration gc_sweep = 0;
    Duration stop_the_world = 0;
  };

  void add(const Interval& interval);
  /// Fills record_.
  void end_life(const Interval& life, FrameNumber root);
  void keep_callback(const GoroutineRecord& record);

  WaitKinds wait_kinds_;
  SlotArray<Sums> sums_;
  SlotSums<Duration> waits_;  // by reason
  boost::unordered_flat_map<GoID, GoroutineRecord> callbacks_;
  GoroutineRecord record_;  // of the life that has just ended; its memory is used again
};

}  // namespace marey::analysis
