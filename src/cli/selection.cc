// SPDX-License-Identifier: Apache-2.0
#include "src/cli/selection.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <re2/re2.h>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/analysis_fold.h"
#include "src/analysis/function_windows.h"
#include "src/base/format.h"
#include "src/cli/passing.h"
#include "src/cli/suggest.h"
#include "src/cli/trace_start.h"

namespace marey::cli {
namespace {

std::unexpected<Error> usage(std::string message) {
  return std::unexpected(Error{ErrorKind::Usage, std::move(message)});
}

/// Whether --from or --to takes a look at the trace's begin.
bool counts_from_start(const Options& options) {
  const auto counts = [](const std::optional<Moment>& moment) {
    return moment && moment->since != Moment::Since::Clock;
  };
  return counts(options.from) || counts(options.to);
}

/// "there are main.main, main.work and 3 more"
std::string list_of(const std::set<std::string_view>& names) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string_view> shown;
  for (const std::string_view name : names) {
    if (!name.empty() && shown.size() < kMost) shown.push_back(name);
  }
  if (shown.empty()) return "the trace names none";
  const std::size_t more = names.size() - shown.size() - (names.contains("") ? 1 : 0);
  return fmt::format("there are {}{}", fmt::join(shown, ", "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

}  // namespace

Result<Selection> Selection::of(const Options& options) {
  Selection selection;
  const std::string& path = options.operands.back();
  if (counts_from_start(options) || !options.function.empty()) {
    Result<RereadableInput> input = RereadableInput::open(path);
    if (!input) return std::unexpected(std::move(input).error());
    selection.input_ = std::move(*input);
  } else {
    selection.input_ = RereadableInput::once(path);
  }
  if (Result<void> result = selection.select_time(options); !result) {
    return std::unexpected(std::move(result).error());
  }
  if (Result<void> result = selection.select_goroutines(options); !result) {
    return std::unexpected(std::move(result).error());
  }
  return selection;
}

Result<void> Selection::select_time(const Options& options) {
  if (!options.from && !options.to) return {};
  TraceStart start;
  if (counts_from_start(options)) {
    Result<TraceStart> read = read_start(path());
    if (!read) return std::unexpected(std::move(read).error());
    start = *read;
  }
  std::optional<Time> from = analysis::Scope::kFirst;
  std::optional<Time> to = analysis::Scope::kLast;
  if (options.from) from = options.from->on_clock(start);
  if (options.to) to = options.to->on_clock(start);
  if (!from || !to) return usage(std::string(kNoWallClock));
  if (*from >= *to) {
    return usage("nothing lies between --from and --to; --from must be the earlier time");
  }
  scope_.set_range(*from, *to);
  return {};
}

Result<void> Selection::select_goroutines(const Options& options) {
  const std::vector<GoID>& ids = options.goroutines;
  if (options.function.empty()) {
    std::vector<analysis::Window> windows;
    for (const GoID id : ids) {
      windows.push_back({id, analysis::Scope::kFirst, analysis::Scope::kLast});
    }
    if (!ids.empty()) scope_.set_windows(std::move(windows));
    return {};
  }
  const re2::RE2 pattern(options.function, re2::RE2::Quiet);
  if (!pattern.ok()) {
    return usage(fmt::format("--func takes a regular expression as Go has them, not '{}': {}",
                             options.function, pattern.error()));
  }
  const analysis::AnalysisFolds folds([&](const analysis::Vocabulary& vocabulary) {
    std::vector<std::unique_ptr<analysis::Analysis>> analyses;
    analyses.push_back(std::make_unique<analysis::FunctionWindows>(
        vocabulary, [&pattern](std::string_view function) {
          return re2::RE2::PartialMatch(re2::StringPiece(function.data(), function.size()),
                                        pattern);
        }));
    return analyses;
  });
  Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(path(), pass_options, folds);
      });
  if (!result) return std::unexpected(std::move(result).error());
  if (result->fold == nullptr) return {};
  auto& fold = static_cast<analysis::AnalysisFold&>(*result->fold);
  fold.finish(analysis::Ending(result->last_time, result->known_until));
  auto& functions = static_cast<analysis::FunctionWindows&>(*fold.analyses()[0]);
  std::vector<analysis::Window> windows = functions.take_windows();
  if (windows.empty()) {
    why_nothing_ = fmt::format("no goroutine was started with a function that matches '{}'; {}",
                               options.function, list_of(functions.functions()));
  }
  if (!ids.empty()) {
    std::erase_if(windows, [&](const analysis::Window& window) {
      return std::ranges::find(ids, window.goroutine) == ids.end();
    });
  }
  scope_.set_windows(std::move(windows));
  return {};
}

std::string Selection::why_nothing(const index::PassResult& result) const {
  if (!why_nothing_.empty()) return why_nothing_;
  const auto place = [&](Time time) {
    Duration since_start = 0;
    if (__builtin_sub_overflow(time, result.first_time, &since_start)) since_start = 0;
    return fmt::format("{} ({} ns on its clock)", base::format_duration(since_start), time);
  };
  if (scope_.begin() > result.last_time) {
    return fmt::format("the trace ends at {}, before --from", place(result.last_time));
  }
  if (scope_.end() <= result.first_time) {
    return fmt::format("--to is no later than the trace's first event, at {} ns on its clock",
                       result.first_time);
  }
  return {};
}

}  // namespace marey::cli
