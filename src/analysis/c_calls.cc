// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/c_calls.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "src/analysis/duration.h"
#include "src/analysis/quantile_columns.h"

namespace marey::analysis {
namespace {

/// "main._Cfunc_open", or "main._C2func_open" where the program also wants errno.
bool is_wrapper(std::string_view function) {
  return function.contains("._Cfunc_") || function.contains("._C2func_");
}

bool is_call(std::string_view function) {
  return function == "runtime.cgocall" || function == "runtime.asmcgocall";
}

}  // namespace

std::size_t CStacks::frames_of_call(std::span<const Frame> stack, const Vocabulary& vocabulary) {
  std::size_t frames = 0;
  for (; frames < stack.size(); frames++) {
    if (!vocabulary.of(stack[frames].function).starts_with("runtime.")) break;
  }
  // A function that calls C without cgo's wrapper is the call itself, too.
  return std::min(frames + 1, stack.size());
}

bool CStacks::look_up(StackNumber stack) const {
  const std::vector<Frame> frames = vocabulary_.of(stack);
  if (frames.empty()) return false;
  // The runtime leaves its own innermost frames out of stacks, as a rule.
  return is_wrapper(vocabulary_.of(frames.front().function)) ||
         std::ranges::any_of(
             frames, [&](const Frame& frame) { return is_call(vocabulary_.of(frame.function)); });
}

Interests CCalls::interests() const {
  Interests interests;
  interests.states = {GoState::Syscall};
  interests.states_view = View::Wholes;
  return interests;
}

void CCalls::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    if (interval.state != GoState::Syscall || interval.is_guess()) continue;
    if (stacks_.calls_c(interval.stack)) calls_[interval.stack].add(interval.duration());
  }
}

void CCalls::merge(Analysis& next, const SlotMap&) {
  calls_.merge(static_cast<const CCalls&>(next).calls_);
}

void CCalls::finish(const TraceContext& context, Findings& findings) {
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table(
      "c_calls", "Calls to C",
      "How long threads were in C, by the function called and its caller: each call occupies a "
      "thread, and a proc as well until that is taken away. A call that calls back into Go counts "
      "once for each time that it is in C; those at the trace's ends count with the part that it "
      "has. Nothing of Go 1.21 and before, where the trace has no end of those that are short. "
      "Quantiles are exact to 1.6 %.");
  const auto call =
      table.add_text("call", "Call", "The Go function that stands for it: cgo's _Cfunc_NAME.");
  const auto caller = table.add_text("caller", "Caller", "The function that makes the call.");
  const auto total = table.add_duration("total", "Total", "The sum of all times in C.");
  const auto threads = table.add_real(
      "threads", "Threads", "How many threads that occupies on average, all the time.", "threads");
  const auto count = table.add_count("calls", "Calls", "How often it was in C.");
  const QuantileColumns quantiles(table, "a call");
  struct Site {
    Histogram times;
    std::string stack;  // the first of them in alphabetical order
  };
  std::map<std::pair<std::string_view, std::string_view>, Site> sites;
  calls_.for_each([&](StackNumber number, const Histogram& times) {
    if (context.v1) return;
    const std::vector<Frame> stack = vocabulary.of(number);
    const std::size_t frames = CStacks::frames_of_call(stack, vocabulary);
    Site& site =
        sites[{vocabulary.of(stack[frames - 1].function),
               frames < stack.size() ? vocabulary.of(stack[frames].function) : std::string_view{}}];
    std::string text = vocabulary.text_of(number);
    if (site.times.count() == 0 || text < site.stack) site.stack = std::move(text);
    site.times.merge(times);
  });
  const auto duration = static_cast<double>(elapsed(context.begin, context.end));
  for (const auto& [names, site] : sites) {
    auto row = table.add_row();
    row.set(call, names.first)
        .set(caller, names.second)
        .set(total, site.times.sum())
        .set(threads,
             duration > 0 ? static_cast<double>(site.times.sum()) / duration : table::kNoReal)
        .set(count, site.times.count())
        .stack(site.stack);
    quantiles.set(row, site.times);
  }
  table.sort_by(total, table::Order::Descending);
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
