// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/function_sums.h"
#include "src/analysis/histogram.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// Who is made to mark for the garbage collector, where in the program, and for how long.
class MarkAssists final : public Analysis {
 public:
  Interests interests() const override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  NumberedSums<StackNumber, Histogram> of_stacks_;
  Top<RangeInterval, kLongestKept, LongerInterval> longest_;
};

}  // namespace marey::analysis
