// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/goroutine_sums.h"
#include "src/analysis/spent_distributions.h"

namespace marey::analysis {

/// Where goroutines spend their time, by the function that they were started with: sums and, if
/// wanted, how they are distributed over the goroutines.
class GoroutineGroups final : public Analysis {
 public:
  enum class Detail : std::uint8_t { Sums, Distributions };

  GoroutineGroups(const Vocabulary& vocabulary, Detail detail)
      : vocabulary_(vocabulary), detail_(detail), sums_(vocabulary) {}

  Interests interests() const override { return GoroutineSums::interests(); }
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void stays(GoState state, std::span<const BriefStay> stays, const GoroutineTable&) override {
    sums_.add(state, stays);
  }
  void ranges(std::span<const RangeInterval> ranges) override { sums_.add(ranges); }
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Group {
    std::uint64_t goroutines = 0;
    std::uint64_t alive = 0;
    GoroutineTimes times;
    boost::unordered_flat_map<Text, Duration> waits;  ///< by reason
    std::unique_ptr<SpentDistributions> distributions;
  };
  using NamedGroup = std::pair<std::string_view, const Group*>;

  void add(const GoroutineRecord& record);
  Group& group_of(FrameNumber root);
  void add_sums(std::span<const NamedGroup> groups, Findings& findings) const;
  void add_waits(std::span<const NamedGroup> groups, Findings& findings) const;
  void add_distributions(std::span<const NamedGroup> groups, Findings& findings) const;
  void add_histogram(std::span<const NamedGroup> groups, Findings& findings) const;

  const Vocabulary& vocabulary_;
  Detail detail_;
  GoroutineSums sums_;
  boost::unordered_flat_map<Text, Group> groups_;  // by function
  std::vector<Text> function_of_root_;             // by frame number; Empty: not looked up yet
};

}  // namespace marey::analysis
