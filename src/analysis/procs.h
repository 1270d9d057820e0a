// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/gomaxprocs.h"
#include "src/analysis/proc_array.h"
#include "src/analysis/series.h"
#include "src/analysis/span_union.h"

namespace marey::analysis {

/// What procs spend their time on, how even that is, and when some were idle while goroutines were
/// runnable.
///
/// A proc is running while a thread holds it: busy with a goroutine, in a system call of one (until
/// it is taken away), or without a goroutine. Else it is idle. Time is unknown where the trace does
/// not tell of the proc, because there is none (it is beyond GOMAXPROCS) or because of damage.
///
/// Memory: 4 to 6 bytes for each time that a proc was idle, and for each time during which
/// goroutines were runnable one after the other without a break.
class Procs final : public Analysis {
 public:
  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void stays(GoState state, std::span<const BriefStay> stays, const GoroutineTable&) override;
  void procs(std::span<const ProcInterval> procs) override;
  void idle_procs(std::span<const ProcInterval> procs) override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void events(std::span<const Event::Record* const> events, Translation& translation) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Proc {
    Duration held = 0;  ///< by a thread
    Duration busy = 0;
    Duration syscall = 0;
    Duration guessed = 0;      ///< of the time in which it was held: with what goroutine is a guess
    std::uint64_t starts = 0;  ///< of goroutines
    std::uint64_t steals = 0;
    SpanUnion idle;
  };
  /// A proc's time; all parts add up to the time that was looked at, but where damage makes a
  /// contradiction of them.
  struct Parts {
    Duration busy = 0;
    Duration syscall = 0;
    Duration without_goroutine = 0;
    Duration idle = 0;
    Duration unknown = 0;
  };

  /// Calls f(number, proc) for all that the trace tells of, in order.
  template <class F>
  void for_each(F&& f) const;
  void add_running(const Interval& interval);
  void add_syscall(const Interval& interval);
  Parts parts_of(std::int64_t number, const Proc& proc, const TraceContext& context) const;
  void add_procs(const TraceContext& context, Findings& findings) const;
  void add_balance(const TraceContext& context, Findings& findings) const;
  void add_charts(const TraceContext& context, Findings& findings) const;
  std::vector<TimeSpan> idle_spans() const;

  ProcArray<Proc> procs_;
  SpanUnion runnable_;
  SpanUnion stopped_;  // the world
  Gomaxprocs gomaxprocs_;
  Series running_;  // procs
  Series busy_;
};

}  // namespace marey::analysis
