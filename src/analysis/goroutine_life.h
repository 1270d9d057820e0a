// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/earliest.h"
#include "src/analysis/goroutine_list.h"
#include "src/analysis/scope.h"

namespace marey::analysis {

/// The life of one goroutine: who created it, how it ended, every state that it was in, where it
/// was at both ends of it and who ended it, and whom it created and unblocked. The first kMostRows
/// of each.
class GoroutineLife final : public Analysis {
 public:
  /// `scope`: that of the pass; must outlive this.
  GoroutineLife(const Vocabulary& vocabulary, const Scope& scope, GoID goroutine)
      : scope_(scope), goroutine_(goroutine), summary_(vocabulary, "total", kMostRows) {}

  static constexpr std::size_t kMostRows = 100'000;

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// Something that it did to another one.
  struct Deed {
    Time at = 0;
    GoID goroutine = kNoGoroutine;
    bool is_creation = false;  ///< else it unblocked it
    Time since = 0;            ///< since when the other one was blocked
    Text reason = Text::Empty;
    StackNumber stack = StackNumber::None;
  };
  struct Before {
    bool operator()(const Interval& a, const Interval& b) const;
    bool operator()(const Deed& a, const Deed& b) const;
  };
  using Intervals = Earliest<Interval, kMostRows, Before>;

  /// Of another goroutine.
  void add_deeds(const Interval& interval);
  void add_life_table(const Vocabulary& vocabulary, Findings& findings);
  void add_states_table(const Vocabulary& vocabulary, Findings& findings);
  void add_deeds_table(const Vocabulary& vocabulary, Findings& findings);

  const Scope& scope_;
  GoID goroutine_;
  GoroutineList summary_;
  // More than one of calls from C, which use the ids of those before them.
  Intervals lives_;   // of which something is in the scope; whole
  Intervals births_;  // what begins with a creation
  Intervals deaths_;  // what the lives end in
  Intervals states_;
  Earliest<Deed, kMostRows, Before> deeds_;
  // Scratch.
  std::vector<Interval> own_;
  std::vector<Interval> own_parts_;
  std::vector<Interval> own_wholes_;
  std::vector<RangeInterval> own_ranges_;
  std::vector<RangeInterval> own_range_parts_;
  std::vector<RangeInterval> own_range_wholes_;
};

}  // namespace marey::analysis
