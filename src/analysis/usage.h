// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/series.h"

namespace marey::analysis {

/// How many procs, threads and goroutines are at work over time; or only how many goroutines wait
/// to be; or also how many have nothing to do.
class Usage final : public Analysis {
 public:
  enum class Detail : std::uint8_t { RunQueue, AtWork, AllStates };
  explicit Usage(Detail detail = Detail::AtWork) : detail_(detail) {}

  /// Values of each chart.
  static constexpr std::size_t kValues = 240;

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void stays(GoState state, std::span<const BriefStay> stays, const GoroutineTable&) override;
  void procs(std::span<const ProcInterval> procs) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  Series& in(GoState state) { return goroutines_[static_cast<std::size_t>(state)]; }

  Detail detail_;
  Series procs_;
  std::array<Series, kGoStateCount> goroutines_;  // by state
};

}  // namespace marey::analysis
