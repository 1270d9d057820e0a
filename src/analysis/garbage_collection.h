// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"

namespace marey::analysis {

/// What garbage collection does and costs: mark phases, and the time in which goroutines work for
/// it.
class GarbageCollection final : public Analysis {
 public:
  Interests interests() const override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  std::uint64_t cycles_ = 0;
  // Those of which damage hides neither end.
  Histogram marks_;
  Histogram assists_;
  Histogram sweeps_;
  std::uint64_t swept_ = 0;
  std::uint64_t reclaimed_ = 0;
};

}  // namespace marey::analysis
