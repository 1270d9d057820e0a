// SPDX-License-Identifier: Apache-2.0
#include "src/cli/selection.h"

#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "src/cli/narrowing.h"
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

}  // namespace

Result<Selection> Selection::of(const Options& options) {
  Selection selection;
  const std::string& path = options.operands.back();
  if (counts_from_start(options) || takes_pass_to_narrow(options)) {
    Result<RereadableInput> input = RereadableInput::open(path);
    if (!input) return std::unexpected(std::move(input).error());
    selection.input_ = std::move(*input);
  } else {
    selection.input_ = RereadableInput::once(path);
  }
  if (Result<void> result = selection.select_time(options); !result) {
    return std::unexpected(std::move(result).error());
  }
  Result<std::string> why_nothing = narrow(selection.scope_, selection.input_, options);
  if (!why_nothing) return std::unexpected(std::move(why_nothing).error());
  selection.why_nothing_ = std::move(*why_nothing);
  return selection;
}

Result<void> Selection::select_time(const Options& options) {
  if (!options.from && !options.to) return {};
  from_ = options.from;
  to_ = options.to;
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

std::string Selection::remark(const index::PassResult& result) const {
  if (!why_nothing_.empty()) return why_nothing_;
  if (scope_.begin() > result.last_time) {
    return fmt::format("the trace ends at {}, before --from",
                       place_of(result.last_time, result.first_time));
  }
  if (scope_.end() <= result.first_time) {
    std::string doubt = doubt_about("--to", to_, result.first_time);
    if (!doubt.empty()) return doubt;
    return fmt::format("--to is no later than the trace's first event, at {} ns on its clock",
                       result.first_time);
  }
  return doubt_about("--from", from_, result.first_time);
}

}  // namespace marey::cli
