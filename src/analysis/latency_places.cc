// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/latency_places.h"

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/call_site.h"
#include "src/analysis/quantile_columns.h"
#include "src/analysis/telling_frame.h"

namespace marey::analysis {

using wire::EventType;
using Tail = QuantileColumns::Tail;

Interests LatencyPlaces::interests() const {
  Interests interests;
  interests.states = {GoState::NotExist, GoState::Runnable};
  interests.roots = true;
  interests.stacks = true;
  interests.states_view = View::Wholes;
  return interests;
}

void LatencyPlaces::intervals(std::span<const Interval> intervals,
                              const GoroutineTable& goroutines) {
  for (const Interval& interval : intervals) {
    if (interval.state == GoState::NotExist) functions_.end_life(interval, goroutines);
    if (interval.state != GoState::Runnable || !interval.whole() ||
        interval.end_event != EventType::GoStart) {
      continue;
    }
    const Duration duration = interval.duration();
    functions_.of(interval.slot, goroutines).add(duration);
    // One that was stopped has a stack, its own: only the reason tells more.
    if (interval.stack != StackNumber::None && interval.start_event != EventType::GoStop) {
      stacks_[interval.stack].add(duration);
    } else {
      std::unique_ptr<Histogram>& latencies =
          causes_[{interval.own_stack, interval.reason, interval.start_event}];
      if (latencies == nullptr) latencies = std::make_unique<Histogram>();
      latencies->add(duration);
    }
    procs_[raw(interval.end_proc)].add(duration);
  }
}

void LatencyPlaces::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<LatencyPlaces&>(next);
  functions_.merge(other.functions_, slots);
  stacks_.merge(other.stacks_);
  for (auto& [cause, more] : other.causes_) {
    std::unique_ptr<Histogram>& latencies = causes_[cause];
    if (latencies == nullptr) {
      latencies = std::move(more);
    } else {
      latencies->merge(*more);
    }
  }
  other.procs_.for_each(
      [&](std::int64_t proc, const Histogram& latencies) { procs_[proc].merge(latencies); });
}

void LatencyPlaces::finish(const TraceContext& context, Findings& findings) {
  add_functions(context.vocabulary, findings);
  add_call_sites(context.vocabulary, findings);
  add_procs(findings);
  add_histogram(findings);
}

void LatencyPlaces::add_functions(const Vocabulary& vocabulary, Findings& findings) const {
  table::Table table(
      "latency_by_function", "Scheduler latency by start function",
      "How long goroutines were runnable before they ran, by the function that they were started "
      "with, the most time first, the runtime's own last.");
  const auto function =
      table.add_text("function", "Start function", "The function that the go statement called.");
  const auto waits = table.add_count("waits", "Waits", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all waits.");
  const QuantileColumns quantiles(table, "the waits", Tail::Long);
  for (const auto& [name, latencies] : functions_.by_function(vocabulary)) {
    auto row = table.add_row();
    row.set(function, name).set(waits, latencies.count()).set(total, latencies.sum());
    quantiles.set(row, latencies);
  }
  table.sort_by(total, table::Order::Descending);
  table.put_last(function, is_of_runtime);
  findings.tables.push_back(std::move(table));
}

std::string LatencyPlaces::text_of(const Vocabulary& vocabulary, const Cause& cause) {
  // The function that it called to wait tells what for: time.Sleep, internal/poll.runtime_pollWait.
  const std::vector<Frame> frames = vocabulary.of(cause.own);
  const std::string_view called = frames.empty() ? "" : vocabulary.of(frames.front().function);
  const auto in_call = [&](std::string_view word) {
    return called.empty() ? std::string(word) : fmt::format("{}: {}", word, called);
  };
  switch (cause.event) {
    case EventType::GoSyscallEndBlocked: return in_call("returned");
    case EventType::GoSwitch:
    case EventType::GoSwitchDestroy: return "switched to";
    case EventType::GoStop:
      return cause.reason == Text::Empty ? "stopped" : std::string(vocabulary.of(cause.reason));
    case EventType::GoCreate: return "created";
    default: return in_call("unblocked");
  }
}

void LatencyPlaces::add_call_sites(const Vocabulary& vocabulary, Findings& findings) const {
  table::Table table(
      "latency_by_call_site", "Scheduler latency by what made runnable",
      "The same by the call that unblocked or created the goroutine, the most time first. Where no "
      "other goroutine did, but a timer, the network or the runtime, where it was stopped, or "
      "where "
      "the stack is lost, by the cause and by where the goroutine itself was.");
  const CallSiteColumns site(table);
  const auto cause_column = table.add_text(
      "cause", "Cause",
      "Why it was made runnable, where no call of another goroutine tells: 'unblocked' and the "
      "function in which it was blocked, 'returned' and the system call that it came from without "
      "a "
      "proc, 'switched to' of a coroutine, 'created', or the reason for which it was stopped. "
      "Function and Place are its own then, '-' where no stack tells.");
  const auto waits = table.add_count("waits", "Waits", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all waits.");
  const QuantileColumns quantiles(table, "the waits", Tail::Long);
  const auto stacks = table.add_count(
      "stacks", "Stacks", "How many stacks this is; the evidence is the one with the most time.");
  using Key = std::pair<CallSite, std::string>;  // with the cause, of some
  CallSiteGroups<Key, Histogram> groups(vocabulary);
  stacks_.for_each([&](StackNumber stack, const Histogram& latencies) {
    groups.add({call_site_of(vocabulary, stack), ""}, stack, latencies, latencies.sum());
  });
  for (const auto& [cause, latencies] : causes_) {
    groups.add({call_site_of(vocabulary, cause.own), text_of(vocabulary, cause)}, cause.own,
               *latencies, latencies->sum());
  }
  for (const auto& [key, group] : groups.groups()) {
    auto row = table.add_row();
    site.set(row, key.first);
    row.set(cause_column, key.second);
    row.set(waits, group.sum.count()).set(total, group.sum.sum()).set(stacks, group.stacks);
    quantiles.set(row, group.sum);
    if (!group.text.empty()) row.stack(group.text);
  }
  table.sort_by(total, table::Order::Descending);
  findings.tables.push_back(std::move(table));
}

void LatencyPlaces::add_procs(Findings& findings) const {
  table::Table table("latency_by_proc", "Scheduler latency by proc",
                     "The same by the proc on which the goroutine ran at last.");
  table.be_summary();
  const auto proc = table.add_id("proc", "Proc", "The proc.", "proc");
  const auto waits = table.add_count("waits", "Waits", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all waits.");
  const QuantileColumns quantiles(table, "the waits", Tail::Long);
  procs_.for_each([&](std::int64_t number, const Histogram& latencies) {
    if (latencies.count() == 0) return;
    auto row = table.add_row();
    row.set(proc, ProcID{number}).set(waits, latencies.count()).set(total, latencies.sum());
    quantiles.set(row, latencies);
  });
  findings.tables.push_back(std::move(table));
}

void LatencyPlaces::add_histogram(Findings& findings) const {
  Histogram all;
  procs_.for_each([&](std::int64_t, const Histogram& latencies) { all.merge(latencies); });
  findings.tables.push_back(histogram_table("latency_histogram",
                                            "How scheduler latency is distributed",
                                            "All waits by how long they were.", "waits", all));
}

}  // namespace marey::analysis
