// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"

namespace marey::analysis {

/// How much of everything there is in a trace, or in a range of its time: the report's head.
class TraceCounts final : public Analysis {
 public:
  /// Of a part of the trace: from `begin` up to, not including, `end`.
  TraceCounts(Time begin, Time end) : begin_(begin), end_(end) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void procs(std::span<const ProcInterval> procs) override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void events(std::span<const Event::Record* const> events, Translation&) override;
  void thread_runs(std::span<const ThreadRun> runs) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext&, Findings&) override {}

  /// Distinct goroutines. Those of calls from C count by their ids, which are used again.
  std::uint64_t goroutines() const { return goroutines_ + callbacks_.size(); }
  std::uint64_t goroutines_created() const { return created_; }
  /// The most that were alive at a time.
  std::uint64_t goroutines_most() const;
  /// Procs that ran.
  std::uint64_t procs() const { return procs_.size(); }
  /// Threads that wrote events.
  std::uint64_t threads() const { return threads_.size(); }
  std::uint64_t gc_cycles() const { return gc_cycles_; }
  /// GOMAXPROCS in the end; 0: not known.
  std::uint64_t gomaxprocs() const { return gomaxprocs_; }
  /// Of user annotations, how many began or were written.
  std::uint64_t tasks() const { return tasks_; }
  std::uint64_t regions() const { return regions_; }
  std::uint64_t logs() const { return logs_; }
  std::uint64_t cpu_samples() const { return cpu_samples_; }

 private:
  Time begin_;
  Time end_;
  std::uint64_t goroutines_ = 0;
  boost::unordered_flat_set<GoID> callbacks_;
  std::uint64_t created_ = 0;
  std::uint64_t older_ = 0;  // goroutines that are not created in the trace, or before the range
  // By how many the living rose in the piece, and the greatest rise on the way.
  std::int64_t rise_ = 0;
  std::int64_t most_rise_ = 0;
  boost::unordered_flat_set<std::int64_t> procs_;
  boost::unordered_flat_set<ThreadID> threads_;
  ThreadID last_thread_ = kNoThread;
  std::uint64_t gc_cycles_ = 0;
  std::uint64_t gomaxprocs_ = 0;
  std::uint64_t tasks_ = 0;
  std::uint64_t regions_ = 0;
  std::uint64_t logs_ = 0;
  std::uint64_t cpu_samples_ = 0;
};

}  // namespace marey::analysis
