// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/function_sums.h"
#include "src/analysis/histogram.h"
#include "src/analysis/proc_array.h"

namespace marey::analysis {

/// Where scheduler latency is: by the function that waited to run, by the call site that made it
/// runnable, by the proc that it ran on at last; and how it is distributed. Counts the waits that
/// SchedulerLatency counts.
class LatencyPlaces final : public Analysis {
 public:
  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  void add_functions(const Vocabulary& vocabulary, Findings& findings) const;
  void add_call_sites(const Vocabulary& vocabulary, Findings& findings) const;
  void add_procs(Findings& findings) const;
  void add_histogram(Findings& findings) const;

  FunctionSums<Histogram> functions_;
  NumberedSums<StackNumber, Histogram> stacks_;
  ProcArray<Histogram> procs_;
};

}  // namespace marey::analysis
