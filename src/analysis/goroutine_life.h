// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/goroutine_list.h"

namespace marey::analysis {

/// The life of one goroutine: every state that it was in, where it was then and who ended it, and
/// whom it created and unblocked. The first kMostRows of each.
class GoroutineLife final : public Analysis {
 public:
  GoroutineLife(const Vocabulary& vocabulary, GoID goroutine)
      : goroutine_(goroutine), summary_(vocabulary, "total", kMostRows) {}

  static constexpr std::size_t kMostRows = 100'000;

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// Intervals, the earliest of too many.
  struct Earliest {
    std::vector<Interval> kept;
    std::uint64_t left_out = 0;

    void add(const Interval& interval);
    void merge(const Earliest& other);
    void limit();
  };

  void add_states(const Vocabulary& vocabulary, Findings& findings);
  void add_deeds(const Vocabulary& vocabulary, Findings& findings);

  GoID goroutine_;
  GoroutineList summary_;
  Earliest states_;
  Earliest deeds_;  // of others: waits that it ended, and what became of those that it created
  std::vector<Interval> own_;              // scratch
  std::vector<RangeInterval> own_ranges_;  // scratch
};

}  // namespace marey::analysis
