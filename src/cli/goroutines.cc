// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/analysis/goroutine_life.h"
#include "src/analysis/goroutine_list.h"
#include "src/cli/answer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/tables.h"
#include "src/cli/values.h"

namespace marey::cli {
namespace {

using Analyses = std::vector<std::unique_ptr<analysis::Analysis>>;

/// Rows of a list that are kept if nobody says how many: more than a spreadsheet takes.
constexpr std::size_t kMostRows = 1'000'000;

/// What to say where there is nothing to tell of a goroutine.
std::string nothing_of(GoID goroutine, const Options& options) {
  if (options.task || !options.region.empty()) {
    return fmt::format(
        "goroutine {} does nothing of what was asked for; 'marey goroutines --each' with the same "
        "flags lists those that do",
        raw(goroutine));
  }
  return fmt::format(
      "there is no goroutine {} here; 'marey goroutines --each' lists all that there are",
      raw(goroutine));
}

/// The name of the column by which rows are sorted; "": it is none, or the least come first.
std::string sorting_column(const Options& options) {
  if (options.sort.empty()) return "total";
  if (options.sort.starts_with('-')) return {};
  const analysis::Vocabulary vocabulary;
  analysis::Findings empty;
  analysis::GoroutineList(vocabulary, {}, 1).finish({0, 0, vocabulary}, empty);
  const table::Column* const column = empty.tables.front().find_column(options.sort);
  return column == nullptr ? std::string() : column->name;
}

}  // namespace

int run_goroutines(const Options& options, Console& console) {
  if (!options.each) return run_answer(options, console);
  // Which come first by other columns, or are the least, only all tell; which columns say nothing
  // about any, more than those that are shown.
  constexpr std::size_t kFew = 1000;
  const std::string column = sorting_column(options);
  std::size_t most = kMostRows;
  if (analysis::GoroutineList::chooses_by(column)) {
    if (const auto rows = wanted_rows(options)) most = std::max<std::size_t>(*rows, kFew);
  }
  return answer(
      [&](const analysis::Vocabulary& vocabulary) {
        Analyses analyses;
        analyses.push_back(std::make_unique<analysis::GoroutineList>(vocabulary, column, most));
        return analyses;
      },
      options, console);
}

int run_goroutine(const Options& options, Console& console) {
  const std::optional<GoID> goroutine = parse_goroutine(options.operands[0]);
  if (!goroutine) {
    return console.fail_usage(
        fmt::format("'marey goroutine' takes first the number of a goroutine, 22 or G22, not '{}'",
                    options.operands[0]),
        "marey help goroutine");
  }
  return answer(
      [&](const analysis::Vocabulary& vocabulary, const analysis::Scope& scope) {
        Analyses analyses;
        analyses.push_back(
            std::make_unique<analysis::GoroutineLife>(vocabulary, scope, *goroutine));
        return analyses;
      },
      options, console, nothing_of(*goroutine, options));
}

}  // namespace marey::cli
