// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/interval.h"
#include "src/analysis/utilization_curve.h"

namespace marey::analysis {

/// Collects when procs work for the garbage collector, and tells what is left for the program.
///
/// Memory: 32 bytes for each span of time that is added.
class MutatorLosses {
 public:
  /// What per-proc curves are made of at most: no machine has so many cores, but a damaged trace
  /// may say that it has more.
  static constexpr std::int64_t kMostProcs = 1024;

  /// From `start` to `end` a proc is lost for the program.
  void add(std::int64_t proc, Time start, Time end);
  /// All procs are: the world is stopped.
  void add_stop(Time start, Time end) { add(kAllProcs, start, end); }
  void merge(const MutatorLosses& other);
  std::size_t size() const { return changes_.size() / 2; }

  /// What there is to say in the time from `begin` to `end`, where it is known how many procs there
  /// are. To be called once, before the others.
  void finish(Time begin, Time end, std::span<const ProcCount> proc_counts);

  /// The share of all procs that the program has; empty where the trace says nothing.
  UtilizationCurve of_system() const;

  /// A curve, the proc that it is of, and how many procs have it.
  using TakeCurve =
      std::function<void(const UtilizationCurve& curve, std::int64_t proc, std::int64_t procs)>;
  /// Calls f for each proc and time that there is such a proc, with a curve that is 1 or 0. Procs
  /// that never work for the collector have one together, the first one's. Procs behind the first
  /// kMostProcs are left out. One curve is in memory at a time.
  void for_each_proc(const TakeCurve& f) const;

 private:
  static constexpr std::int32_t kAllProcs = -1;

  struct Change {
    Time time;
    std::int32_t proc;
    std::int32_t delta;
  };
  static_assert(sizeof(Change) == 16);

  static UtilizationCurve curve_of(Time begin, Time end, std::span<const Change> changes);

  std::vector<Change> changes_;  // by time, once it is finished
  std::vector<ProcCount> proc_counts_;
  Time end_ = 0;
};

}  // namespace marey::analysis
