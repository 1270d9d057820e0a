// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "src/analysis/profile_sample.h"

namespace marey::analysis {

/// The CPU profile that a trace has in it if the program took one meanwhile: its samples, by stack.
///
/// A sample stands for 10 ms, the rate of runtime/pprof; the trace does not tell another one.
class CPUProfile final : public ProfileAnalysis {
 public:
  /// `goroutines`: as of TimeProfile.
  CPUProfile(bool goroutines, const Vocabulary& vocabulary)
      : goroutines_(goroutines), vocabulary_(vocabulary) {}

  static constexpr Duration kPeriod = 10'000'000;

  Interests interests() const override;
  void events(std::span<const Event::Record* const> events, Translation& translation) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext&, Findings&) override {}

  std::vector<ProfileSample> samples() const override;

 private:
  using Key = std::pair<GoID, StackNumber>;

  bool goroutines_;
  const Vocabulary& vocabulary_;
  boost::unordered_flat_map<Key, std::uint64_t, boost::hash<Key>> counts_;
};

}  // namespace marey::analysis
