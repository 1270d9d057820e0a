// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// Stop-the-world pauses: from the request to stop until the world runs again, as the trace has it.
class StopTheWorld final : public Analysis {
 public:
  Interests interests() const override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Longer {
    bool operator()(const RangeInterval& a, const RangeInterval& b) const;
  };

  boost::unordered_flat_map<Text, Histogram> kinds_;
  Top<RangeInterval, kLongestKept, Longer> worst_;
};

}  // namespace marey::analysis
