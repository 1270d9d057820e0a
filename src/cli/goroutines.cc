// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "src/analysis/goroutine_life.h"
#include "src/analysis/goroutine_list.h"
#include "src/cli/answer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/values.h"

namespace marey::cli {
namespace {

using Analyses = std::vector<std::unique_ptr<analysis::Analysis>>;

/// Rows of a list that are kept if nobody says how many: more than a spreadsheet takes.
constexpr std::size_t kMostRows = 1'000'000;

}  // namespace

int run_goroutines(const Options& options, Console& console) {
  if (!options.each) return run_answer(options, console);
  std::string_view column = options.sort;
  if (column.starts_with('-')) column = {};  // the least first: which they are, only all tell
  const std::size_t most = options.top && !column.empty() ? *options.top : kMostRows;
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
      [&](const analysis::Vocabulary& vocabulary) {
        Analyses analyses;
        analyses.push_back(std::make_unique<analysis::GoroutineLife>(vocabulary, *goroutine));
        return analyses;
      },
      options, console,
      fmt::format("there is no goroutine {} here; 'marey goroutines --each' lists all that there "
                  "are",
                  raw(*goroutine)));
}

}  // namespace marey::cli
