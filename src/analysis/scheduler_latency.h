// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// How long goroutines are runnable before they run: distribution by what made them runnable, and
/// the longest waits.
///
/// Only waits whose both ends are in the trace count. Go's sched profile leaves out the first wait
/// of each goroutine; this does not.
class SchedulerLatency final : public Analysis {
 public:
  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  enum class Cause : std::uint8_t { Created, Unblocked, Stopped, Syscall };
  static constexpr std::size_t kCauses = 4;

  struct Wait {
    Interval interval;
    Duration duration = 0;
    FrameNumber root = FrameNumber::None;
  };
  struct Longer {
    bool operator()(const Wait& a, const Wait& b) const;
  };

  /// A goroutine is known by its name once its life is: earlier, a piece of the trace may know only
  /// a stack that was too deep to be whole.
  void name_waits(const Interval& life, FrameNumber root);
  static Cause cause_of(wire::EventType type);
  static const char* name_of(Cause cause);

  std::array<Histogram, kCauses> histograms_;
  Top<Wait, kLongestKept, Longer> worst_;
  boost::unordered_flat_set<GoID> kept_;  // goroutines that are or were among the worst
};

}  // namespace marey::analysis
