// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// Stop-the-world pauses: how long they were, how long it took until all goroutines had stopped,
/// and which one was the last to stop.
///
/// A pause is from the begin of stopping the world until it runs again, as the trace has it. The
/// world has stopped when the last goroutine does that ran when the pause began, but for the one
/// that stops it.
class StopTheWorld final : public Analysis {
 public:
  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void stop_begins(const Event::Record& record) override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// Of a pause, by its begin: the last of the others to stop running.
  struct Stop {
    Time begin = 0;
    GoID by = kNoGoroutine;  ///< that stops the world
    Time stopped = 0;        ///< `begin`: nobody else ran
    GoID last = kNoGoroutine;
    StackNumber stack = StackNumber::None;  ///< where that one was then
  };
  struct Kind {
    Histogram pauses;
    Histogram stopping;
  };
  struct Longer {
    bool operator()(const RangeInterval& a, const RangeInterval& b) const;
  };

  /// Of a finished pause; nullptr if the trace does not have its begin.
  const Stop* stop_of(const RangeInterval& pause) const;
  void add_kinds(const Vocabulary& vocabulary, Findings& findings) const;
  void add_worst(const Vocabulary& vocabulary, Findings& findings) const;

  std::vector<Stop> stops_;            // by begin
  std::vector<RangeInterval> pauses_;  // all: there are few
  Top<RangeInterval, kLongestKept, Longer> worst_;
};

}  // namespace marey::analysis
