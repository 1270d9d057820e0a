// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// A stuck proc is one that a goroutine occupies for this long, unless told otherwise.
inline constexpr Duration kStuck = 100'000'000;  // ns

/// Goroutines that keep a proc for long: in a system call until the proc is taken away, and, where
/// that is an alarm, running without a break.
class StuckProcs final : public Analysis {
 public:
  /// `stuck`: from how long on, in ns, a proc is stuck.
  explicit StuckProcs(Duration stuck = kStuck) : stuck_(stuck) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// A goroutine on a proc.
  struct Stay {
    Time start = 0;
    Time end = 0;  ///< when it gave up the proc
    Duration duration = 0;
    Duration whole = 0;  ///< of the system call
    GoID goroutine = kNoGoroutine;
    ProcID proc = kNoProc;
    StackNumber stack = StackNumber::None;
    FrameNumber root = FrameNumber::None;
    bool running = false;
    bool seen = false;  ///< both ends are in the trace
    bool lost = false;  ///< the proc was taken away

    /// The format before Go 1.22 does not tell when a system call ends that keeps its proc.
    bool is_known(bool v1) const { return !v1 || running || (seen && lost); }
  };
  struct Longer {
    bool operator()(const Stay& a, const Stay& b) const;
  };
  using Longest = Top<Stay, kLongestKept, Longer>;

  void add(const Stay& stay);
  /// A goroutine is known by its name once its life is.
  void name_stays(const Interval& life, FrameNumber root);
  void add_syscalls(const TraceContext& context, Findings& findings) const;
  void add_stuck(const TraceContext& context, Findings& findings) const;

  Duration stuck_;
  Longest syscalls_;
  Longest stuck_procs_;
  boost::unordered_flat_set<GoID> kept_;  // goroutines that are or were among the longest
};

}  // namespace marey::analysis
