// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/series.h"

namespace marey::analysis {

/// How many procs, threads and goroutines are at work over time.
class Usage final : public Analysis {
 public:
  /// Values of each chart.
  static constexpr std::size_t kValues = 240;

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void procs(std::span<const ProcInterval> procs) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  Series procs_;
  Series running_;
  Series runnable_;
  Series syscalls_;
};

}  // namespace marey::analysis
