// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// Stop-the-world pauses: how long they were, how long it took until all goroutines had stopped,
/// and which one was the last to stop.
///
/// A pause is from the begin of stopping the world until the goroutine that did it goes on, as the
/// trace has it. The world has stopped when the last other proc is given up that was held when the
/// pause began, or was taken before that, and runs again with the first that is taken later: that
/// may be long before the pause ends, if the system has nothing left for the thread of the one that
/// stopped it.
class StopTheWorld final : public Analysis {
 public:
  enum class Detail : std::uint8_t { Sums, Distribution };

  explicit StopTheWorld(Detail detail) : detail_(detail) {
    before_.begin = std::numeric_limits<Time>::min();
  }

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void procs(std::span<const ProcInterval> procs) override;
  void stop_begins(const Event::Record& record) override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// A proc that is held, or a goroutine that runs on it.
  struct Run {
    Time start = 0;
    Time end = 0;
    std::int64_t proc = -1;
    GoID goroutine = kNoGoroutine;
    StackNumber stack = StackNumber::None;  ///< where it was at the end
  };
  /// Of a pause, by its begin.
  struct Stop {
    Time begin = 0;
    GoID by = kNoGoroutine;     ///< that stops the world
    std::int64_t by_proc = -1;  ///< that it keeps
    Time stopped = 0;           ///< when the last other proc was given up; `begin`: none was held
    std::int64_t last_proc = -1;
    std::vector<Run> old;   ///< procs that are held since before the trace
    std::vector<Run> next;  ///< the first procs that are taken behind `begin`, by their starts
    std::vector<Run> runs;  ///< the first goroutines whose runs end behind it, by their starts
  };
  struct Kind {
    Histogram pauses;
    Histogram stopping;
    Histogram stopped;
  };

  /// Calls f(stop) for the stops that begin while the run is going on, and the last one before.
  template <class F>
  void for_each_stop(const Run& run, F&& f);
  static void add_first(std::vector<Run>& runs, const Run& run);
  /// Some procs are taken by threads that do not know yet: they must be given up, too. And before
  /// Go 1.22 a trace does not say of procs at its begin whether they are held: not those that would
  /// be held until after the pause.
  static void settle(Stop& stop, const RangeInterval& pause, bool v1);
  /// The goroutine that held up the stop; nullptr: none did, or it cannot be told.
  static const Run* last_of(const Stop& stop);
  /// How long the world stood still; after settle().
  static Duration standstill(const RangeInterval& pause, const Stop& stop);
  /// Of a finished pause; nullptr if the trace does not have its begin.
  const Stop* stop_of(const RangeInterval& pause);
  Stop* find_stop(const RangeInterval& pause);
  void add_kinds(const Vocabulary& vocabulary, Findings& findings);
  void add_histogram(Findings& findings) const;
  void add_worst(const Vocabulary& vocabulary, Findings& findings);

  Detail detail_;
  Stop before_;                        // for the last stop before the piece
  std::vector<Stop> stops_;            // by begin
  std::vector<RangeInterval> pauses_;  // all: there are few
  Top<RangeInterval, kLongestKept, LongerInterval> worst_;
};

}  // namespace marey::analysis
