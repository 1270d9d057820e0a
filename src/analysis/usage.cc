// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/usage.h"

#include <string>
#include <utility>
#include <vector>

namespace marey::analysis {

Interests Usage::interests() const {
  Interests interests;
  interests.states = {GoState::Runnable};
  if (detail_ != Detail::RunQueue) {
    interests.states = interests.states | StateSet{GoState::Running, GoState::Syscall};
    interests.procs = true;
  }
  if (detail_ == Detail::AllStates) {
    interests.states = interests.states | StateSet{GoState::Waiting};
  }
  interests.brief = interests.states;
  return interests;
}

void Usage::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    if (interval.state != GoState::NotExist) in(interval.state).add(interval.start, interval.end);
  }
}

void Usage::stays(GoState state, std::span<const BriefStay> stays, const GoroutineTable&) {
  Series& series = in(state);
  for (const BriefStay& stay : stays) series.add(stay.start, stay.end);
}

void Usage::procs(std::span<const ProcInterval> procs) {
  for (const ProcInterval& proc : procs) procs_.add(proc.start, proc.end);
}

void Usage::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const Usage&>(next);
  procs_.merge(other.procs_);
  for (std::size_t i = 0; i < goroutines_.size(); i++) goroutines_[i].merge(other.goroutines_[i]);
}

void Usage::finish(const TraceContext& context, Findings& findings) {
  const auto add = [&](std::string id, std::string title, std::string help, std::string unit,
                       std::vector<double> values) {
    findings.charts.push_back({std::move(id), std::move(title), std::move(help),
                               table::ColumnType::Real, std::move(unit), context.begin, context.end,
                               std::move(values)});
  };
  const auto means = [&](const Series& series) {
    return series.means(context.begin, context.end, kValues);
  };
  const auto add_runnable = [&] {
    add("goroutines_runnable", "Goroutines runnable",
        "Goroutines that could run but have no proc, on average: the length of the run queues.",
        "goroutines", means(in(GoState::Runnable)));
  };
  if (detail_ == Detail::RunQueue) return add_runnable();
  add("procs_running", "Procs running", "Procs that a thread holds, on average.", "procs",
      means(procs_));
  std::vector<double> threads = means(in(GoState::Running));
  const std::vector<double> in_syscalls = means(in(GoState::Syscall));
  for (std::size_t i = 0; i < threads.size(); i++) threads[i] += in_syscalls[i];
  add("threads_busy", "Threads busy",
      "Threads that run a goroutine or are in a system call for one, on average.", "threads",
      std::move(threads));
  add("goroutines_running", "Goroutines running", "Goroutines that run, on average.", "goroutines",
      means(in(GoState::Running)));
  add_runnable();
  if (detail_ == Detail::AtWork) return;
  add("goroutines_in_syscalls", "Goroutines in system calls",
      "Goroutines that are in a system call or in C, on average.", "goroutines", in_syscalls);
  add("goroutines_waiting", "Goroutines waiting", "Goroutines that are blocked, on average.",
      "goroutines", means(in(GoState::Waiting)));
}

}  // namespace marey::analysis
