// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/quantile_columns.h"

#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace marey::analysis {

QuantileColumns::QuantileColumns(table::Table& table, std::string_view of, Tail tail) {
  const auto add = [&](double q, const char* name, const char* title, const char* share) {
    quantiles_.push_back(
        {q, table.add_duration(name, title, fmt::format("{} of them are no longer.", share))});
  };
  add(0.5, "p50", "p50", "Half");
  add(0.9, "p90", "p90", "90 %");
  add(0.99, "p99", "p99", "99 %");
  if (tail == Tail::Long) {
    add(0.999, "p999", "p99.9", "99.9 %");
    add(0.9999, "p9999", "p99.99", "99.99 %");
  }
  most_ = table.add_duration("max", "Max", "The greatest.");
  mean_ = table.add_duration("mean", "Mean", fmt::format("The mean of {}.", of));
}

void QuantileColumns::set(table::Table::Row& row, const Histogram& histogram) const {
  if (histogram.count() == 0) return;
  for (const auto& [q, column] : quantiles_) row.set(column, histogram.quantile(q));
  row.set(most_, histogram.greatest()).set(mean_, static_cast<Duration>(histogram.mean()));
}

HistogramColumns::HistogramColumns(table::Table& table, std::string_view of)
    : from_(table.add_duration("from", "From", "The least of these.")),
      to_(table.add_duration("to", "Below", "None of these is as long.")),
      count_(table.add_count("count", "Count", fmt::format("How many {} there are.", of))),
      share_(table.add_bar("share", "Share", fmt::format("The part of all {}.", of))) {}

std::vector<HistogramColumns::Step> HistogramColumns::steps_of(const Histogram& histogram) {
  std::vector<Step> steps;
  if (histogram.count() == 0) return steps;
  static constexpr Duration kFirst = 10;  // ns
  Step step{0, kFirst, 0};
  int place = 0;
  const auto next = [&] {
    static constexpr Duration kFactors[] = {2, 5, 10};
    Duration power = kFirst;
    for (int i = 0; i < place / 3; i++) {
      if (__builtin_mul_overflow(power, Duration{10}, &power)) power = 0;
    }
    step.from = step.to;
    const bool too_much =
        power == 0 || __builtin_mul_overflow(power, kFactors[place % 3], &step.to);
    if (too_much) step.to = std::numeric_limits<Duration>::max();
    step.count = 0;
    place++;
  };
  histogram.for_each([&](Duration value, std::uint64_t count) {
    while (value >= step.to && step.to != std::numeric_limits<Duration>::max()) {
      if (!steps.empty() || step.count != 0) steps.push_back(step);
      next();
    }
    step.count += count;
  });
  steps.push_back(step);
  return steps;
}

table::Table histogram_table(std::string id, std::string title, std::string help,
                             std::string_view of, const Histogram& histogram) {
  table::Table table(std::move(id), std::move(title), std::move(help));
  table.be_summary();
  const HistogramColumns columns(table, of);
  columns.add_rows(table, histogram, [](table::Table::Row&) {});
  return table;
}

}  // namespace marey::analysis
