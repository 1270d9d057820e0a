// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <utility>

#include "src/analysis/analysis.h"
#include "src/analysis/series.h"

namespace marey::analysis {

/// Which go statements create goroutines, and how many a second over time.
class Creations final : public Analysis {
 public:
  Interests interests() const override;
  void events(std::span<const Event::Record* const> events, Translation& translation) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// The function that the go statement calls, and the statement's stack.
  using Creation = std::pair<FrameNumber, StackNumber>;

  boost::unordered_flat_map<Creation, std::uint64_t> counts_;
  Series series_;  // of one nanosecond for each
};

}  // namespace marey::analysis
