// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/scheduler_latency.h"

#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/analysis/call_site.h"

namespace marey::analysis {

using wire::EventType;

bool SchedulerLatency::Longer::operator()(const Wait& a, const Wait& b) const {
  const auto key = [](const Wait& wait) {
    return std::tuple(-wait.duration, wait.interval.start, raw(wait.interval.goroutine));
  };
  return key(a) < key(b);
}

SchedulerLatency::Cause SchedulerLatency::cause_of(EventType type) {
  switch (type) {
    case EventType::GoCreate: return Cause::Created;
    case EventType::GoStop: return Cause::Stopped;
    case EventType::GoSyscallEndBlocked: return Cause::Syscall;
    default: return Cause::Unblocked;
  }
}

const char* SchedulerLatency::name_of(Cause cause) {
  switch (cause) {
    case Cause::Created: return "created";
    case Cause::Unblocked: return "unblocked";
    case Cause::Stopped: return "stopped";
    case Cause::Syscall: return "returned from a system call";
  }
  return "";
}

Interests SchedulerLatency::interests() const {
  Interests interests;
  interests.states = {GoState::NotExist, GoState::Runnable};
  interests.roots = true;
  interests.states_view = View::Wholes;
  return interests;
}

void SchedulerLatency::intervals(std::span<const Interval> intervals,
                                 const GoroutineTable& goroutines) {
  for (const Interval& interval : intervals) {
    if (interval.state == GoState::Runnable) {
      if (!interval.whole() || interval.end_event != EventType::GoStart) continue;
      const Duration duration = interval.duration();
      histograms_[static_cast<std::size_t>(cause_of(interval.start_event))].add(duration);
      // What nearly always comes first: no need for a copy of the interval.
      if (worst_.bound() != nullptr && duration < worst_.bound()->duration) continue;
      worst_.add({interval, duration, FrameNumber::None});
      kept_.insert(interval.goroutine);
    } else if (interval.state == GoState::NotExist) {
      name_waits(interval, goroutines.at(interval.slot).root.frame);
    }
  }
}

void SchedulerLatency::name_waits(const Interval& life, FrameNumber root) {
  if (!kept_.contains(life.goroutine)) return;
  for (Wait& wait : worst_.candidates()) {
    if (wait.interval.goroutine == life.goroutine && wait.interval.start >= life.start &&
        wait.interval.end <= life.end) {
      wait.root = root;
    }
  }
}

void SchedulerLatency::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const SchedulerLatency&>(next);
  for (std::size_t i = 0; i < kCauses; i++) histograms_[i].merge(other.histograms_[i]);
  worst_.merge(other.worst_);
  kept_.clear();
  for (const Wait& wait : worst_.candidates()) kept_.insert(wait.interval.goroutine);
}

void SchedulerLatency::finish(const TraceContext& context, Findings& findings) {
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table("scheduler_latency", "Scheduler latency",
                     "How long goroutines were runnable before they ran, by what made them "
                     "runnable. Quantiles are exact to 1.6 %.");
  table.be_summary();
  const auto cause =
      table.add_text("cause", "Made runnable by",
                     "Being created, being unblocked, being stopped (preempted, or "
                     "yielding), or returning from a system call that lost its proc.");
  const auto count = table.add_count("waits", "Waits", "How many there were.");
  const auto p50 = table.add_duration("p50", "p50", "Half of the waits are no longer.");
  const auto p90 = table.add_duration("p90", "p90", "90 % of the waits are no longer.");
  const auto p99 = table.add_duration("p99", "p99", "99 % of the waits are no longer.");
  const auto p999 = table.add_duration("p999", "p99.9", "99.9 % of the waits are no longer.");
  const auto most = table.add_duration("max", "Max", "The longest wait.");
  const auto total = table.add_duration("total", "Total", "The sum of all waits.");
  const auto mean = table.add_duration("mean", "Mean", "The mean wait.");
  const auto add_row = [&](std::string_view name, const Histogram& histogram) {
    if (histogram.count() == 0) return;
    table.add_row()
        .set(cause, name)
        .set(count, histogram.count())
        .set(total, histogram.sum())
        .set(mean, static_cast<Duration>(histogram.mean()))
        .set(p50, histogram.quantile(0.5))
        .set(p90, histogram.quantile(0.9))
        .set(p99, histogram.quantile(0.99))
        .set(p999, histogram.quantile(0.999))
        .set(most, histogram.greatest());
  };
  Histogram all;
  for (const Histogram& histogram : histograms_) all.merge(histogram);
  add_row("any", all);
  for (std::size_t i = 0; i < kCauses; i++) {
    add_row(name_of(static_cast<Cause>(i)), histograms_[i]);
  }

  table::Table worst(
      "worst_latencies", "Worst scheduler latencies",
      "The longest times that goroutines were runnable before they ran, 1,000 at most.");
  const auto latency = worst.add_duration("latency", "Latency", "From runnable to running.");
  const auto at = worst.add_time("at", "At", "When the goroutine became runnable.");
  const auto function =
      worst.add_text("function", "Function", "The function that the goroutine was started with.");
  const auto goroutine = worst.add_id("goroutine", "Goroutine", "That waited.", "goroutine");
  const auto by = worst.add_text("cause", "Made runnable by", "As in the table of latencies.");
  const auto where = worst.add_text("where", "In",
                                    "The function in which it was made runnable, the innermost "
                                    "outside Go's standard library: that of the goroutine that "
                                    "unblocked, created or stopped it; '-': a timer, the network "
                                    "or the runtime did.");
  const auto waker = worst.add_id("by", "By",
                                  "The goroutine that made it runnable; none: the "
                                  "runtime itself.",
                                  "goroutine");
  const auto proc = worst.add_id("proc", "Proc", "On which it ran at last.", "proc");
  for (const Wait& wait : worst_.sorted()) {
    const Interval& interval = wait.interval;
    auto row = worst.add_row();
    row.set(latency, wait.duration)
        .set(at, interval.start)
        .set(function, vocabulary.function_of(wait.root))
        .set(goroutine, interval.goroutine)
        .set(by, name_of(cause_of(interval.start_event)))
        .set(where, call_site_of(vocabulary, interval.stack).function)
        .set(waker, interval.start_by)
        .set(proc, interval.end_proc)
        .range(interval.start, interval.end)
        .goroutine(interval.goroutine);
    if (const std::string stack = vocabulary.text_of(interval.stack); !stack.empty())
      row.stack(stack);
  }
  findings.tables.push_back(std::move(table));
  findings.tables.push_back(std::move(worst));
}

}  // namespace marey::analysis
