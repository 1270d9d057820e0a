// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/analysis/profile_sample.h"
#include "src/table/table.h"

namespace marey::analysis {

/// The functions of a profile: the time that has them innermost, and all that has them in its
/// stack.
table::Table profile_top(std::span<const ProfileSample> samples);

/// The calls of a profile from the outermost to the innermost, each below its caller; branches with
/// less than `least_share` (0 to 1) of all time are left out.
table::Table profile_tree(std::span<const ProfileSample> samples, double least_share = 0.005);

/// An analysis that shows the profile of another one as a table: its functions, or the tree.
class ProfileTables final : public Analysis {
 public:
  ProfileTables(std::unique_ptr<ProfileAnalysis> profile, bool tree)
      : profile_(std::move(profile)), tree_(tree) {}

  Interests interests() const override { return profile_->interests(); }
  void intervals(std::span<const Interval> intervals, const GoroutineTable& table) override {
    profile_->intervals(intervals, table);
  }
  void stays(GoState state, std::span<const BriefStay> stays,
             const GoroutineTable& table) override {
    profile_->stays(state, stays, table);
  }
  void events(std::span<const Event::Record* const> events, Translation& translation) override {
    profile_->events(events, translation);
  }
  void merge(Analysis& next, const SlotMap& slots) override {
    profile_->merge(*static_cast<ProfileTables&>(next).profile_, slots);
  }
  void finish(const TraceContext&, Findings& findings) override {
    const std::vector<ProfileSample> samples = profile_->samples();
    findings.tables.push_back(tree_ ? profile_tree(samples) : profile_top(samples));
  }

 private:
  std::unique_ptr<ProfileAnalysis> profile_;
  bool tree_;
};

/// Folded stacks, a line each: frames from the outermost to the innermost with semicolons between
/// them, the state and reason in brackets as the innermost, a blank, nanoseconds. What
/// flamegraph.pl, speedscope and others read.
std::string folded_stacks(std::span<const ProfileSample> samples);

}  // namespace marey::analysis
