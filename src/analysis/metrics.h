// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/gauge.h"

namespace marey::analysis {

/// What the runtime tells of itself now and then: the heap, its goal, GOMAXPROCS.
class Metrics final : public Analysis {
 public:
  Interests interests() const override;
  void events(std::span<const Event::Record* const> events, Translation&) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  void add_rows(table::Table& table, table::ColumnType type) const;

  static constexpr std::size_t kMetrics = 3;
  std::array<Gauge, kMetrics> gauges_;
};

}  // namespace marey::analysis
