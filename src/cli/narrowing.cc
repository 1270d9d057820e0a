// SPDX-License-Identifier: Apache-2.0
#include "src/cli/narrowing.h"

#include <cstddef>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <re2/re2.h>
#include <set>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/analysis/analysis_fold.h"
#include "src/analysis/function_windows.h"
#include "src/analysis/region_windows.h"
#include "src/analysis/task_windows.h"
#include "src/cli/passing.h"
#include "src/cli/suggest.h"

namespace marey::cli {
namespace {

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

/// What a name that nothing has was probably meant to be, or what names there are.
std::string near_or_list_of(std::string_view word, const std::set<std::string_view>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view near = closest(word, candidates);
  return near.empty() ? list_of(names) : fmt::format("did you mean '{}'?", near);
}

std::string no_such_task(const analysis::TaskWindows& tasks, TaskID id) {
  const auto sentence = [&](std::string_view end) {
    return fmt::format("there is no task {} here; {}", raw(id), end);
  };
  const auto lower = tasks.lower();
  const auto higher = tasks.higher();
  if (!lower && !higher) return sentence("the trace has no tasks");
  if (!lower || !higher) {
    return sentence(fmt::format("the closest is {}", raw(lower ? *lower : *higher)));
  }
  return sentence(fmt::format("the closest are {} and {}", raw(*lower), raw(*higher)));
}

/// The analyses of the pass that looks for the windows; each where it was asked for.
struct Searches {
  analysis::FunctionWindows* functions = nullptr;
  analysis::TaskWindows* tasks = nullptr;
  analysis::RegionWindows* regions = nullptr;
};

/// Restricts the scope to what was found. Returns why there is nothing.
std::string restrict_to_found(analysis::Scope& scope, const Searches& found,
                              const Options& options) {
  std::string why_nothing;
  if (found.functions != nullptr) {
    std::vector<analysis::Window> windows = found.functions->take_windows();
    if (windows.empty()) {
      why_nothing = fmt::format("no goroutine was started with a function that matches '{}'; {}",
                                options.function, list_of(found.functions->functions()));
    }
    scope.restrict_to(std::move(windows));
  }
  if (found.tasks != nullptr) {
    analysis::TaskSet ids = found.tasks->ids();
    if (ids.empty()) {
      const auto* const id = std::get_if<TaskID>(&*options.task);
      const std::string* const type = std::get_if<std::string>(&*options.task);
      why_nothing = id != nullptr ? no_such_task(*found.tasks, *id)
                                  : fmt::format("no task here is of the type '{}'; {}", *type,
                                                near_or_list_of(*type, found.tasks->types()));
    }
    scope.restrict_to(found.tasks->windows());
    scope.set_tasks(std::move(ids));
  }
  if (found.regions != nullptr) {
    std::vector<analysis::Window> windows = found.regions->take_windows();
    if (windows.empty()) {
      const std::set<std::string_view> names = found.regions->names();
      why_nothing = names.contains(options.region)
                        ? fmt::format("damage hides an end of every region '{}'", options.region)
                        : fmt::format("no region here has the name '{}'; {}", options.region,
                                      near_or_list_of(options.region, names));
    }
    scope.restrict_to(std::move(windows));
  }
  return why_nothing;
}

}  // namespace

bool takes_pass_to_narrow(const Options& options) {
  return !options.function.empty() || options.task || !options.region.empty();
}

Result<std::string> narrow(analysis::Scope& scope, RereadableInput& input, const Options& options) {
  if (!options.goroutines.empty()) {
    std::vector<analysis::Window> windows;
    windows.reserve(options.goroutines.size());
    for (const GoID id : options.goroutines) {
      windows.push_back({id, analysis::Scope::kFirst, analysis::Scope::kLast});
    }
    scope.restrict_to(std::move(windows));
  }
  if (!takes_pass_to_narrow(options)) return {};
  const re2::RE2 pattern(options.function, re2::RE2::Quiet);
  if (!pattern.ok()) {
    return std::unexpected(
        Error{ErrorKind::Usage,
              fmt::format("--func takes a regular expression as Go has them, not '{}': {}",
                          options.function, pattern.error())});
  }
  const auto matches = [&pattern](std::string_view function) {
    return re2::RE2::PartialMatch(re2::StringPiece(function.data(), function.size()), pattern);
  };
  const bool wants_functions = !options.function.empty();
  const bool wants_tasks = options.task.has_value();
  const bool wants_regions = !options.region.empty();
  const analysis::AnalysisFolds folds([&](const analysis::Vocabulary& vocabulary) {
    std::vector<std::unique_ptr<analysis::Analysis>> analyses;
    if (wants_functions) {
      analyses.push_back(std::make_unique<analysis::FunctionWindows>(vocabulary, matches));
    }
    if (wants_tasks) {
      analyses.push_back(std::make_unique<analysis::TaskWindows>(vocabulary, *options.task));
    }
    if (wants_regions) {
      analyses.push_back(std::make_unique<analysis::RegionWindows>(vocabulary, options.region));
    }
    return analyses;
  });
  Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(input.path(), pass_options, folds);
      });
  if (!result) return std::unexpected(std::move(result).error());
  if (result->fold == nullptr) return {};
  auto& fold = static_cast<analysis::AnalysisFold&>(*result->fold);
  fold.finish(analysis::Ending(result->last_time, result->known_until));
  std::size_t next = 0;
  const auto take = [&]<class A>(bool is_wanted, A*& found) {
    if (is_wanted) found = static_cast<A*>(fold.analyses()[next++].get());
  };
  Searches found;
  take(wants_functions, found.functions);
  take(wants_tasks, found.tasks);
  take(wants_regions, found.regions);
  return restrict_to_found(scope, found, options);
}

}  // namespace marey::cli
