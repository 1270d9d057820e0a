// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"
#include "src/analysis/spent_distributions.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// Regions by their names: how many, how long, what their goroutines did meanwhile; and the
/// longest, with what is around them.
///
/// What is around a region is longer than it. So those that are around one of the longest are among
/// them themselves, or lie partly outside what was asked for; of these all are kept, in 40 bytes
/// each.
class Regions final : public Analysis {
 public:
  /// `scope`: that of the pass; must outlive this.
  explicit Regions(const Scope& scope) : scope_(scope) {}

  Interests interests() const override;
  void regions(std::span<const RegionInterval> regions) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Type {
    std::uint64_t unbegun = 0;
    std::uint64_t unended = 0;
    std::uint64_t left_open = 0;  ///< of them, by their goroutine's end
    GoroutineTimes times;
    SpentDistributions distributions;

    void merge(const Type& other);
  };
  struct Longer {
    bool operator()(const RegionInterval& a, const RegionInterval& b) const;
  };

  /// Of a region where it is, and its name.
  struct Extent {
    GoID goroutine = kNoGoroutine;
    Time start = 0;
    Time end = 0;
    Text name = Text::Empty;
  };
  /// What is around a region.
  struct Nesting {
    std::uint64_t depth = 0;
    Text parent = Text::Empty;
  };

  /// Of each of them, in their order.
  std::vector<Nesting> nesting_of(std::span<const RegionInterval> longest) const;

  const Scope& scope_;
  boost::unordered_flat_map<Text, Type> types_;
  std::vector<Extent> partly_outside_;
  Top<RegionInterval, kLongestKept, Longer> longest_;
};

}  // namespace marey::analysis
