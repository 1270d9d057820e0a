// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/analysis/histogram.h"
#include "src/table/table.h"

namespace marey::analysis {

/// The columns that a table shows of a histogram: mean, p50, p90, p99, greatest; with
/// `Tail::Long` also p99.9 and p99.99.
class QuantileColumns {
 public:
  enum class Tail { Short, Long };

  /// `of`: what there is one value of, as in "a wait".
  QuantileColumns(table::Table& table, std::string_view of, Tail tail = Tail::Short);
  void set(table::Table::Row& row, const Histogram& histogram) const;

 private:
  struct Quantile {
    double q;
    table::IntegerColumn column;
  };
  std::vector<Quantile> quantiles_;
  table::IntegerColumn most_;
  table::IntegerColumn mean_;
};

/// Appends a row for each step of a logarithmic scale (10, 20, 50, 100 ns, ...) from the least to
/// the greatest value, with a bar. The scale's steps are exact to 1.6 %. What is less than 10 ns is
/// one step: the clocks of traces tick more slowly, so such values tell only which event was first.
class HistogramColumns {
 public:
  /// `of`: the values, as in "waits".
  HistogramColumns(table::Table& table, std::string_view of);
  /// `set_others(row)` fills the table's other columns.
  template <class SetOthers>
  void add_rows(table::Table& table, const Histogram& histogram, SetOthers&& set_others) const {
    for (const Step& step : steps_of(histogram)) {
      auto row = table.add_row();
      set_others(row);
      row.set(from_, step.from)
          .set(to_, step.to)
          .set(count_, step.count)
          .set(share_,
               100 * static_cast<double>(step.count) / static_cast<double>(histogram.count()));
    }
  }

 private:
  struct Step {
    Duration from = 0;
    Duration to = 0;
    std::uint64_t count = 0;
  };
  static std::vector<Step> steps_of(const Histogram& histogram);

  table::IntegerColumn from_;
  table::IntegerColumn to_;
  table::IntegerColumn count_;
  table::RealColumn share_;
};

/// A table that is a histogram; `of` as above.
table::Table histogram_table(std::string id, std::string title, std::string help,
                             std::string_view of, const Histogram& histogram);

}  // namespace marey::analysis
