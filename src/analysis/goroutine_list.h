// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

#include "src/analysis/analysis.h"
#include "src/analysis/goroutine_sums.h"

namespace marey::analysis {

/// What each goroutine spends its time on: a row for each of them, or for the greatest by one
/// column. Memory: 130 bytes for each that is kept, while many come twice that.
class GoroutineList final : public Analysis {
 public:
  /// Whether one can choose by the column: "total" or the name of a Spent.
  static bool chooses_by(std::string_view column);
  /// `column`: by which to choose; where it is none of those, "total".
  GoroutineList(const Vocabulary& vocabulary, std::string_view column, std::size_t most);

  Interests interests() const override { return GoroutineSums::interests(); }
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void stays(GoState state, std::span<const BriefStay> stays, const GoroutineTable&) override {
    sums_.add(state, stays);
  }
  void ranges(std::span<const RangeInterval> ranges) override { sums_.add(ranges); }
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Row {
    GoroutineTimes times;
    Time start = 0;
    Time end = 0;
    GoID goroutine = kNoGoroutine;
    FrameNumber root = FrameNumber::None;
    bool is_alive = false;
  };

  void add(const GoroutineRecord& record);
  Duration amount_of(const Row& row) const;
  /// Leaves out the least of too many.
  void limit();

  std::size_t spent_;  // kSpent: the total
  std::size_t most_;
  GoroutineSums sums_;
  std::deque<Row> rows_;
  std::uint64_t left_out_ = 0;
};

}  // namespace marey::analysis
