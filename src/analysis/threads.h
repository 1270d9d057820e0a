// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/c_calls.h"
#include "src/analysis/series.h"
#include "src/analysis/slot_sums.h"

namespace marey::analysis {

/// The threads: when they are seen, and what they spend their time on.
class Threads final : public Analysis {
 public:
  explicit Threads(const Vocabulary& vocabulary) : stacks_(vocabulary) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void procs(std::span<const ProcInterval> procs) override;
  void thread_runs(std::span<const ThreadRun> runs) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Thread {
    ThreadRun seen{kNoThread, kNever, -kNever};
    Duration running = 0;
    Duration syscall = 0;
    Duration c = 0;
    Duration held_proc = 0;
    std::uint64_t starts = 0;  ///< of goroutines

    void see(Time first, Time last) {
      seen.first = std::min(seen.first, first);
      seen.last = std::max(seen.last, last);
    }
  };
  using NamedThread = std::pair<ThreadID, const Thread*>;

  /// Good until the next call.
  Thread& of(ThreadID id) { return threads_[id]; }
  void add_running(const Interval& interval);
  void add_syscall(const Interval& interval);
  void end_life(const Interval& life);
  void add_threads(std::span<const NamedThread> threads, const TraceContext& context,
                   Findings& findings) const;
  void add_charts(std::span<const NamedThread> threads, const TraceContext& context,
                  Findings& findings) const;

  boost::unordered_flat_map<ThreadID, Thread> threads_;
  CStacks stacks_;
  /// Time in system calls without a stack, by thread, of goroutines that may be for calls from C:
  /// what their lives tell.
  SlotSums<Duration> undecided_;
  Series busy_;
  Series running_;
};

}  // namespace marey::analysis
