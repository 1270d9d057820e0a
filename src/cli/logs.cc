// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/logs.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <memory>
#include <re2/re2.h>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/answer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/tables.h"

namespace marey::cli {

int run_logs(const Options& options, Console& console) {
  constexpr std::size_t kMost = 1'000'000;
  // What is not shown need not be kept; of messages in another order nobody knows yet.
  const std::size_t most = options.sort.empty()
                               ? std::min<std::size_t>(wanted_rows(options).value_or(kMost), kMost)
                               : kMost;
  const re2::RE2 pattern(options.pattern, re2::RE2::Quiet);
  if (!pattern.ok()) {
    return console.fail_usage(
        fmt::format("--grep takes a regular expression as Go has them, not '{}': {}",
                    options.pattern, pattern.error()),
        "marey help logs");
  }
  return answer(
      [&](const analysis::Vocabulary&, const analysis::Scope& scope) {
        analysis::LogFilter filter;
        filter.category = options.category;
        if (!options.pattern.empty()) {
          filter.wants = [&pattern](std::string_view message) {
            return re2::RE2::PartialMatch(re2::StringPiece(message.data(), message.size()),
                                          pattern);
          };
        }
        std::vector<std::unique_ptr<analysis::Analysis>> analyses;
        analyses.push_back(std::make_unique<analysis::Logs>(scope, std::move(filter), most));
        return analyses;
      },
      options, console, "there is no such message here");
}

}  // namespace marey::cli
