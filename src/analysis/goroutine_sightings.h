// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"

namespace marey::analysis {

/// Which of some goroutines the trace does not have, whatever the time that was asked for. Ends in
/// no table.
class GoroutineSightings final : public Analysis {
 public:
  explicit GoroutineSightings(std::span<const GoID> wanted)
      : missing_(wanted.begin(), wanted.end()) {}

  Interests interests() const override {
    Interests interests;
    interests.states = {GoState::NotExist};
    interests.states_view = View::All;
    return interests;
  }
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override {
    for (const Interval& interval : intervals) missing_.erase(interval.goroutine);
  }
  void merge(Analysis& next, const SlotMap&) override {
    const auto& other = static_cast<const GoroutineSightings&>(next);
    std::erase_if(missing_, [&](GoID goroutine) { return !other.missing_.contains(goroutine); });
  }
  void finish(const TraceContext&, Findings&) override {}

  /// Once all lives have ended, in order.
  std::vector<GoID> missing() const { return {missing_.begin(), missing_.end()}; }

 private:
  std::set<GoID> missing_;
};

}  // namespace marey::analysis
