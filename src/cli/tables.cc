// SPDX-License-Identifier: Apache-2.0
#include "src/cli/tables.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/parse.h"
#include "src/cli/suggest.h"
#include "src/cli/terminal.h"
#include "src/cli/time_range.h"
#include "src/table/chart.h"
#include "src/table/text.h"

namespace marey::cli {
namespace {

constexpr unsigned kUsualRows = 10;

std::unexpected<Error> usage(std::string message) {
  return std::unexpected(Error{ErrorKind::Usage, std::move(message)});
}

bool is_blank(const table::Table& table) { return table.is_blank(); }

/// Width of charts for no terminal; tables and sentences get all that they want there.
std::size_t chart_width() {
  constexpr std::size_t kUsualWidth = 100;
  const std::size_t columns = columns_variable();
  return columns != 0 ? columns : kUsualWidth;
}

Result<void> keep_table(std::vector<table::Table>& tables, const std::string& id) {
  std::vector<std::string_view> ids;
  ids.reserve(tables.size());
  for (const table::Table& table : tables) ids.push_back(table.id());
  const auto it = std::ranges::find(tables, id, &table::Table::id);
  if (it == tables.end()) {
    const std::string_view near = closest(id, ids);
    return usage(near.empty()
                     ? fmt::format("there is no table '{}' here, but {}", id, any_of(ids))
                     : fmt::format("there is no table '{}' here; did you mean '{}'?", id, near));
  }
  table::Table kept = std::move(*it);
  tables.clear();
  tables.push_back(std::move(kept));
  return {};
}

/// Which rows come first, for people.
std::string_view first_rows(table::ColumnType type, table::Order order) {
  const bool up = order == table::Order::Ascending;
  switch (type) {
    case table::ColumnType::Text: return up ? "from A to Z" : "from Z to A";
    case table::ColumnType::Time: return up ? "the earliest first" : "the latest first";
    case table::ColumnType::Id: return up ? "the lowest first" : "the highest first";
    default: return up ? "the least first" : "the greatest first";
  }
}

void sort(table::Table& table, const table::Column& column, bool reverse) {
  // Of text and ids the first comes first, of amounts the greatest.
  const bool is_amount = column.type != table::ColumnType::Text &&
                         column.type != table::ColumnType::Id &&
                         column.type != table::ColumnType::Time;
  const table::Order order =
      reverse == is_amount ? table::Order::Ascending : table::Order::Descending;
  table.sort_by(column.name, order);
  // What the help says of an order holds without --sort.
  table.add_help(fmt::format("With --sort they are in the order of {} instead, {}.", column.title,
                             first_rows(column.type, order)));
}

/// Sorts all tables that have the column.
Result<void> sort(std::vector<table::Table>& tables, std::string_view flag) {
  const bool reverse = flag.starts_with('-');
  const std::string_view word = reverse ? flag.substr(1) : flag;
  bool found = false;
  for (table::Table& table : tables) {
    if (const table::Column* const column = table.find_column(word); column != nullptr) {
      found = true;
      sort(table, *column, reverse);
    }
  }
  if (found) return {};
  std::vector<std::string_view> names;
  std::vector<std::string_view> titles;
  const auto add = [](std::vector<std::string_view>& words, std::string_view added) {
    if (std::ranges::find(words, added) == words.end()) words.push_back(added);
  };
  for (const table::Table& table : tables) {
    for (const table::Column& column : table.columns()) {
      add(names, column.name);
      add(titles, column.title);
    }
  }
  std::string_view near = closest(word, names);
  if (near.empty()) near = closest(word, titles);
  return usage(
      near.empty()
          ? fmt::format("no table here has a column '{}', but {}", word, any_of(names))
          : fmt::format("no table here has a column '{}'; did you mean '{}'?", word, near));
}

/// How to see what the tables leave out; "": they show all.
std::string way_to_all(bool rows_left_out, bool columns_left_out, const Options& options) {
  std::string way;
  if (rows_left_out) way = "'--top N' shows more rows";
  if (columns_left_out) {
    way += rows_left_out ? "; " : "";
    // In a pipe, too, lines are no longer than --width says.
    way += options.width != 0 ? "a greater '--width'" : "'--width N', or a pipe,";
    way += rows_left_out ? " all columns" : " shows all columns";
  }
  return way.empty() ? way : way + '.';
}

}  // namespace

std::optional<unsigned> wanted_rows(const Options& options) {
  // Programs want everything, and a page shows on a click what is beyond the first rows.
  const bool is_for_people = !options.json && !options.csv && options.html_path.empty();
  return options.top || !is_for_people ? options.top : std::optional(kUsualRows);
}

Result<bool> arrange(analysis::Findings& findings, const Options& options) {
  if (!options.table.empty()) {
    if (Result<void> kept = keep_table(findings.tables, options.table); !kept) {
      return std::unexpected(std::move(kept).error());
    }
    findings.charts.clear();
  }
  if (!options.sort.empty()) {
    if (Result<void> sorted = sort(findings.tables, options.sort); !sorted) {
      return std::unexpected(std::move(sorted).error());
    }
  }
  const std::optional<unsigned> rows = wanted_rows(options);
  bool rows_left_out = false;
  for (table::Table& table : findings.tables) {
    if (!rows || table.is_summary()) continue;
    rows_left_out |= table.row_count() + table.omitted_rows() > *rows && !table.is_blank();
    table.keep_first(*rows);
  }
  return rows_left_out;
}

void write_text(std::string& out, const analysis::Findings& findings,
                const index::PassResult& result, bool rows_left_out, const Options& options) {
  const TextStyle style = text_style(options);
  const bool ascii = wants_ascii();
  const auto separate = [&out] {
    if (!out.empty()) out += '\n';
  };
  for (const table::Chart& chart : findings.charts) {
    separate();
    table::draw_chart(out, chart,
                      {.color = style.color,
                       .ascii = ascii,
                       .width = style.width != 0 ? style.width : chart_width(),
                       .height = 2,
                       .time_origin = result.first_time});
  }
  std::string without_rows;
  const std::string_view nothing =
      result.health.damaged() ? "Nothing to show, in what damage has left: " : "Nothing to show: ";
  bool columns_left_out = false;
  for (const table::Table& table : findings.tables) {
    if (table.is_blank()) {
      without_rows += without_rows.empty() ? nothing : "; ";
      without_rows += table.title();
      continue;
    }
    separate();
    columns_left_out |= table::draw_text(out, table,
                                         {.color = style.color,
                                          .ascii = ascii,
                                          .help = true,
                                          .skip_blank = true,
                                          .width = style.width,
                                          .time_origin = result.first_time});
  }
  if (!without_rows.empty()) {
    separate();
    write_sentence(out, without_rows, style);
  }
  const bool has_range = options.from || options.to;
  if (has_range && !std::ranges::all_of(findings.tables, is_blank)) {
    separate();
    write_sentence(out, kWhatCrossesRange, style);
  }
  if (const std::string way = way_to_all(rows_left_out, columns_left_out, options); !way.empty()) {
    separate();
    write_sentence(out, way, style);
  }
}

}  // namespace marey::cli
