// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/analysis/test_trace.h"
#include "src/table/table.h"

/// For tests only: what analyses find in traces written by hand.
namespace marey::analysis {

/// The tables of the analyses that `make` makes, in a trace that begins at the first event and ends
/// with the last, or in a part of it.
inline std::vector<table::Table> find_tables(const TestTrace& trace, AnalysisFolds& folds,
                                             bool v1 = false) {
  const std::vector<TestPiece> pieces{{trace.records(), &trace.tables(), 1}};
  const std::unique_ptr<AnalysisFold> fold = fold_pieces(folds, pieces);
  index::PassResult result;
  result.info.v1 = v1;
  result.first_time = trace.records().front().time;
  result.last_time = result.known_until = trace.records().back().time;
  return fold->finish(result).tables;
}

/// A row as "column=value ..." of the columns that are named, '-' for nothing.
inline std::string row_text(const table::Table& table, std::size_t row,
                            std::initializer_list<std::string_view> columns) {
  std::string text;
  for (const std::string_view name : columns) {
    if (!text.empty()) text += ' ';
    bool found = false;
    for (std::size_t i = 0; i < table.columns().size(); i++) {
      if (table.columns()[i].name != name) continue;
      found = true;
      const table::Value value = table.value(i, row);
      if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
        text += fmt::format("{}={}", name, *integer);
      } else if (const auto* const real = std::get_if<double>(&value)) {
        text += fmt::format("{}={}", name, *real);
      } else if (const auto* const words = std::get_if<std::string_view>(&value)) {
        text += fmt::format("{}={}", name, *words);
      } else {
        text += fmt::format("{}=-", name);
      }
    }
    if (!found) text += fmt::format("no {}", name);
  }
  return text;
}

/// All rows of the table with the id, as row_text() has them.
inline std::vector<std::string> rows_of(const std::vector<table::Table>& tables,
                                        std::string_view id,
                                        std::initializer_list<std::string_view> columns) {
  std::vector<std::string> rows;
  for (const table::Table& table : tables) {
    if (table.id() != id) continue;
    for (std::size_t row = 0; row < table.row_count(); row++) {
      rows.push_back(row_text(table, row, columns));
    }
  }
  return rows;
}

}  // namespace marey::analysis
