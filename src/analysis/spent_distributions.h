// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/analysis/goroutine_times.h"
#include "src/analysis/histogram.h"
#include "src/analysis/quantile_columns.h"
#include "src/analysis/vocabulary.h"
#include "src/table/table.h"

namespace marey::analysis {

/// How the time that goroutines (or regions, or tasks) spend on something is distributed over them.
class SpentDistributions {
 public:
  void add(const GoroutineTimes& times);
  void add_wait(Text reason, Duration time) { waits_[reason].add(time); }
  void merge(const SpentDistributions& other);

  const Histogram& total() const { return total_; }
  /// Of those that spend any time on it.
  const Histogram& of(Spent spent) const { return spent_[static_cast<std::size_t>(spent)]; }

 private:
  friend class SpentDistributionTable;

  Histogram total_;
  // Those that spend none are not in it.
  std::array<Histogram, kSpent> spent_;
  boost::unordered_flat_map<Text, Histogram> waits_;  // by reason
};

/// A table of them: rows for each subject and all that it spends time on.
class SpentDistributionTable {
 public:
  /// `things`: what each of the values is of, "Goroutines"; `subject`: the column that the rows are
  /// about.
  SpentDistributionTable(table::Table& table, const char* subject_name, const char* subject_title,
                         const char* subject_help, const char* things_name,
                         const char* things_title);
  void add_rows(std::string_view subject, const SpentDistributions& of,
                const Vocabulary& vocabulary);
  table::TextColumn subject() const { return subject_; }

 private:
  void add_row(std::string_view subject, std::string_view spent_on, Histogram times,
               std::uint64_t all);

  table::Table& table_;
  table::TextColumn subject_;
  table::TextColumn spent_on_;
  table::IntegerColumn things_;
  table::IntegerColumn total_;
  QuantileColumns quantiles_;
};

}  // namespace marey::analysis
