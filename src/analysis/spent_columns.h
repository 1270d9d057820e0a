// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include "src/analysis/goroutine_times.h"
#include "src/table/table.h"

namespace marey::analysis {

/// Its name as a column's, title and help.
struct SpentWords {
  const char* name;
  const char* title;
  const char* help;
};
const SpentWords& words_of(Spent spent);

/// The columns of a table for GoroutineTimes.
class SpentColumns {
 public:
  explicit SpentColumns(table::Table& table);
  void set(table::Table::Row& row, const GoroutineTimes& times) const;
  table::IntegerColumn operator[](Spent spent) const {
    return columns_[static_cast<std::size_t>(spent)];
  }

 private:
  std::array<table::IntegerColumn, kSpent> columns_;
};

}  // namespace marey::analysis
