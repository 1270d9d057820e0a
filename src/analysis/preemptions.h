// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/function_sums.h"
#include "src/analysis/histogram.h"

namespace marey::analysis {

/// How long goroutines run at a time, and how often they are preempted, by the function that they
/// were started with.
///
/// Only runs whose both ends are in the trace count.
class Preemptions final : public Analysis {
 public:
  explicit Preemptions(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void stays(GoState state, std::span<const BriefStay> stays,
             const GoroutineTable& goroutines) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// From which on the scheduler wants a goroutine to make room for others (forcePreemptNS in
  /// runtime/proc.go).
  static constexpr Duration kTimeSlice = 10'000'000;  // ns

  /// Of a function.
  struct Runs {
    Histogram times;
    std::uint64_t preempted = 0;
    std::uint64_t long_ones = 0;  ///< of a time slice and longer

    void merge(const Runs& other);
  };

  enum class Is : std::uint8_t { Unknown, Preempted, Other };
  bool is_preempted(Text reason);

  const Vocabulary& vocabulary_;
  std::vector<Is> reasons_;  // by number, as far as they were looked up
  FunctionSums<Runs> runs_;
};

}  // namespace marey::analysis
