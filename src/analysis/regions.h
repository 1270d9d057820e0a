// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/spent_distributions.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// Regions by their names: how many, how long, what their goroutines did meanwhile; and the
/// longest.
class Regions final : public Analysis {
 public:
  Interests interests() const override;
  void regions(std::span<const RegionInterval> regions) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Type {
    std::uint64_t unbegun = 0;
    std::uint64_t unended = 0;
    GoroutineTimes times;
    SpentDistributions distributions;

    void merge(const Type& other);
  };
  struct Longer {
    bool operator()(const RegionInterval& a, const RegionInterval& b) const;
  };

  boost::unordered_flat_map<Text, Type> types_;
  Top<RegionInterval, kLongestKept, Longer> longest_;
};

}  // namespace marey::analysis
