// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/procs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "src/analysis/idle_while_runnable.h"
#include "src/analysis/usage.h"
#include "src/order/record.h"

namespace marey::analysis {

using wire::EventType;

Interests Procs::interests() const {
  Interests interests;
  interests.states = {GoState::Runnable, GoState::Running, GoState::Syscall};
  interests.brief = {GoState::Runnable};
  interests.proc_lost = true;
  interests.procs = true;
  interests.idle_procs = true;
  interests.ranges = true;
  interests.ranges_view = View::All;
  interests.events.set(order::type_number(EventType::ProcSteal));
  interests.unscoped_events.set(order::type_number(EventType::ProcsChange));
  return interests;
}

template <class F>
void Procs::for_each(F&& f) const {
  const auto is_known = [](const Proc& proc) {
    return proc.held > 0 || proc.starts > 0 || proc.steals > 0 || proc.busy > 0 ||
           proc.syscall > 0 || proc.guessed > 0 || !proc.idle.empty();
  };
  procs_.for_each([&](std::int64_t number, const Proc& proc) {
    if (is_known(proc)) f(number, proc);
  });
}

void Procs::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    switch (interval.state) {
      case GoState::Running: add_running(interval); break;
      case GoState::Syscall: add_syscall(interval); break;
      case GoState::Runnable:
        if (!interval.is_guess()) runnable_.add(interval.start, interval.end);
        break;
      default: break;
    }
  }
}

void Procs::stays(GoState, std::span<const BriefStay> stays, const GoroutineTable&) {
  for (const BriefStay& stay : stays) runnable_.add(stay.start, stay.end);
}

void Procs::add_running(const Interval& interval) {
  // A goroutine that runs stays on its proc. Either end may be one that no event of its tells of.
  const ProcID number = interval.end_proc != kNoProc ? interval.end_proc : interval.start_proc;
  if (number == kNoProc) return;
  Proc& proc = procs_[raw(number)];
  if (interval.is_guess()) {
    accumulate(proc.guessed, interval.duration());
    return;
  }
  accumulate(proc.busy, interval.duration());
  if (interval.start_event == EventType::GoStart && interval.start_edge == Edge::Seen) {
    proc.starts++;
  }
  busy_.add(interval.start, interval.end);
}

void Procs::add_syscall(const Interval& interval) {
  // Whose thread another one tells of has lost its proc before.
  if (interval.start_proc == kNoProc || interval.told_by_other) return;
  const Time lost = std::clamp(interval.proc_lost, interval.start, interval.end);
  Proc& proc = procs_[raw(interval.start_proc)];
  accumulate(interval.is_guess() ? proc.guessed : proc.syscall, elapsed(interval.start, lost));
}

void Procs::procs(std::span<const ProcInterval> procs) {
  for (const ProcInterval& proc : procs) {
    if (proc.is_guess()) continue;
    accumulate(procs_[proc.proc].held, elapsed(proc.start, proc.end));
    running_.add(proc.start, proc.end);
  }
}

void Procs::idle_procs(std::span<const ProcInterval> procs) {
  for (const ProcInterval& proc : procs) {
    if (!proc.is_guess()) procs_[proc.proc].idle.add(proc.start, proc.end);
  }
}

void Procs::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.kind == RangeKind::StopTheWorld && !range.is_guess()) {
      stopped_.add(range.start, range.end);
    }
  }
}

void Procs::events(std::span<const Event::Record* const> events, Translation& translation) {
  for (const Event::Record* record : events) {
    if (static_cast<EventType>(record->type) == EventType::ProcSteal) {
      procs_[static_cast<std::int64_t>(record->args[0])].steals++;
    } else {
      gomaxprocs_.add(*record, translation);
    }
  }
}

void Procs::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<Procs&>(next);
  other.procs_.for_each([&](std::int64_t number, Proc& more) {
    Proc& proc = procs_[number];
    accumulate(proc.held, more.held);
    accumulate(proc.busy, more.busy);
    accumulate(proc.syscall, more.syscall);
    accumulate(proc.guessed, more.guessed);
    proc.starts += more.starts;
    proc.steals += more.steals;
    proc.idle.merge(more.idle);
  });
  runnable_.merge(other.runnable_);
  stopped_.merge(other.stopped_);
  gomaxprocs_.merge(other.gomaxprocs_);
  running_.merge(other.running_);
  busy_.merge(other.busy_);
}

Procs::Parts Procs::parts_of(std::int64_t number, const Proc& proc,
                             const TraceContext& context) const {
  Parts parts;
  proc.idle.for_each([&](const TimeSpan& span) {
    gomaxprocs_.for_each_part(number, span.start, span.end, [&](Time start, Time end) {
      accumulate(parts.idle, elapsed(start, end));
    });
  });
  const auto less = [](Duration all, std::initializer_list<Duration> others) {
    for (const Duration other : others) all = std::max<Duration>(all - other, 0);
    return all;
  };
  parts.busy = proc.busy;
  parts.syscall = proc.syscall;
  parts.without_goroutine = less(proc.held, {proc.busy, proc.syscall, proc.guessed});
  const Duration all = elapsed(context.begin, context.end);
  if (context.v1) parts.syscall = 0;
  parts.unknown = less(all, {parts.busy, parts.syscall, parts.without_goroutine, parts.idle});
  return parts;
}

void Procs::add_procs(const TraceContext& context, Findings& findings) const {
  table::Table table(
      "procs", "Procs",
      "What each proc spent its time on. Busy, System calls, No goroutine, Idle and Unknown add up "
      "to the time that was looked at. Of goroutines that --g or --func select there is no telling "
      "what a proc did without them.");
  const auto proc = table.add_id("proc", "Proc", "Its number, from 0.", "proc");
  const auto busy = table.add_duration("busy", "Busy", "It ran Go code of a goroutine.");
  const auto share =
      table.add_percent("busy_share", "Busy share", "The part of its known time that this is.");
  const auto syscall = table.add_duration(
      "syscall", "System calls",
      "A goroutine in a system call or a call to C held it, until that ended or the proc was taken "
      "away. Nothing of Go 1.21 and before, where the trace has no end of those that are short: "
      "they count as busy, and what is known of the others as unknown.");
  const auto without = table.add_duration("without_goroutine", "No goroutine",
                                          "A thread held it without running a goroutine: it looked "
                                          "for one, or scheduled, or stopped the world.");
  const auto idle = table.add_duration("idle", "Idle", "No thread held it.");
  const auto unknown = table.add_duration(
      "unknown", "Unknown",
      "There was no such proc, or the trace does not tell of it, because of damage for one.");
  const auto switches =
      table.add_count("goroutine_switches", "Switches", "How often it began to run a goroutine.");
  const auto stolen = table.add_count(
      "stolen", "Stolen", "How often it was taken away from a goroutine in a system call.");
  for_each([&](std::int64_t number, const Proc& of) {
    const Parts parts = parts_of(number, of, context);
    const Duration known = elapsed(context.begin, context.end) - parts.unknown;
    auto row = table.add_row();
    row.set(proc, number)
        .set(busy, parts.busy)
        .set(share, known > 0 ? 100 * static_cast<double>(parts.busy) / static_cast<double>(known)
                              : table::kNoReal)
        .set(idle, parts.idle)
        .set(switches, of.starts);
    if (!context.v1) row.set(syscall, parts.syscall);
    if (context.some_goroutines) return;
    row.set(without, parts.without_goroutine).set(unknown, parts.unknown).set(stolen, of.steals);
  });
  findings.tables.push_back(std::move(table));
}

void Procs::add_balance(const TraceContext& context, Findings& findings) const {
  table::Table table("proc_balance", "Balance between procs",
                     "How even the work is spread over the procs. Where the least and the greatest "
                     "share are far apart while no share is near 100 %, there is little work, and "
                     "low numbers get it first; where the greatest is near 100 % and the mean is "
                     "not, the work cannot be spread: few goroutines have all of it.");
  table.be_summary();
  const auto procs = table.add_count("procs", "Procs", "How many the trace tells of.");
  const auto gomaxprocs =
      table.add_count("gomaxprocs", "GOMAXPROCS", "At the end; nothing where it is not told.");
  const auto least = table.add_percent("busy_min", "Least busy", "The least busy share of a proc.");
  const auto mean = table.add_percent("busy_mean", "Mean", "The mean busy share of the procs.");
  const auto most = table.add_percent("busy_max", "Most busy", "The greatest busy share.");
  std::vector<double> shares;
  for_each([&](std::int64_t number, const Proc& of) {
    const Parts parts = parts_of(number, of, context);
    const Duration known = elapsed(context.begin, context.end) - parts.unknown;
    if (known > 0) {
      shares.push_back(100 * static_cast<double>(parts.busy) / static_cast<double>(known));
    }
  });
  if (!shares.empty()) {
    double sum = 0;
    for (const double share : shares) sum += share;
    table.add_row()
        .set(procs, shares.size())
        .set(gomaxprocs, gomaxprocs_.at(context.end))
        .set(least, std::ranges::min(shares))
        .set(mean, sum / static_cast<double>(shares.size()))
        .set(most, std::ranges::max(shares));
  }
  findings.tables.push_back(std::move(table));
}

std::vector<TimeSpan> Procs::idle_spans() const {
  std::vector<TimeSpan> idle;
  for_each([&](std::int64_t number, const Proc& proc) {
    proc.idle.for_each([&](const TimeSpan& span) {
      gomaxprocs_.for_each_part(number, span.start, span.end,
                                [&](Time start, Time end) { idle.push_back({start, end}); });
    });
  });
  return SpanUnion::united(std::move(idle));
}

void Procs::add_charts(const TraceContext& context, Findings& findings) const {
  const auto add = [&](std::string id, std::string title, std::string help, const Series& series) {
    findings.charts.push_back({std::move(id), std::move(title), std::move(help),
                               table::ColumnType::Real, "procs", context.begin, context.end,
                               series.means(context.begin, context.end, Usage::kValues)});
  };
  add("procs_running", "Procs running", "Procs that a thread holds, on average.", running_);
  add("procs_busy", "Procs busy", "Procs that run a goroutine, on average.", busy_);
}

void Procs::finish(const TraceContext& context, Findings& findings) {
  add_charts(context, findings);
  add_procs(context, findings);
  add_balance(context, findings);
  findings.tables.push_back(gomaxprocs_.make_table(context.begin, context.end, context.vocabulary));
  add_idle_while_runnable(runnable_, idle_spans(), stopped_.spans(), context, findings);
}

}  // namespace marey::analysis
