// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"

namespace marey::analysis {

/// The time that goroutines spend in regions of a name: what a Scope is made of that is about them.
/// Regions of which damage hides an end are not among them. Memory: 24 bytes for each region.
class RegionWindows final : public Analysis {
 public:
  RegionWindows(const Vocabulary& vocabulary, std::string name)
      : vocabulary_(vocabulary), name_(std::move(name)) {}

  Interests interests() const override;
  void regions(std::span<const RegionInterval> regions) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext&, Findings&) override {}

  std::vector<Window> take_windows() { return std::move(windows_); }
  /// Of all regions that there are.
  std::set<std::string_view> names() const;

 private:
  const Vocabulary& vocabulary_;
  std::string name_;
  boost::unordered_flat_map<Text, bool> names_;  ///< of all regions: whether it is the one
  std::vector<Window> windows_;
};

}  // namespace marey::analysis
