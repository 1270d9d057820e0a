// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/stop_the_world.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "src/analysis/call_site.h"
#include "src/analysis/quantile_columns.h"

namespace marey::analysis {

Interests StopTheWorld::interests() const {
  Interests interests;
  interests.states = {GoState::Running};
  interests.stacks = true;
  interests.ranges = true;
  interests.stops = true;
  interests.states_view = View::All;
  interests.procs = true;
  interests.procs_view = View::All;
  interests.ranges_view = View::Wholes;
  return interests;
}

void StopTheWorld::stop_begins(const Event::Record& record) {
  Stop& stop = stops_.emplace_back();
  stop.begin = stop.stopped = record.time;
  stop.by = record.goroutine;
  stop.by_proc = raw(record.proc);
}

template <class F>
void StopTheWorld::for_each_stop(const Run& run, F&& f) {
  // Nearly nothing was going on when a pause began.
  auto stop = stops_.empty() || run.start >= stops_.back().begin
                  ? stops_.end()
                  : std::ranges::upper_bound(stops_, run.start, {}, &Stop::begin);
  f(stop == stops_.begin() ? before_ : *std::prev(stop));
  for (; stop != stops_.end() && stop->begin < run.end; ++stop) f(*stop);
}

void StopTheWorld::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    if (interval.state != GoState::Running || interval.is_guess()) continue;
    const ProcID proc = interval.end_proc != kNoProc ? interval.end_proc : interval.start_proc;
    const Run run{interval.start, interval.end, raw(proc), interval.goroutine, interval.end_stack};
    for_each_stop(run, [&run](Stop& stop) { add_first(stop.runs, run); });
  }
}

void StopTheWorld::procs(std::span<const ProcInterval> procs) {
  for (const ProcInterval& interval : procs) {
    if (interval.is_guess()) continue;
    const Run run{interval.start, interval.end, interval.proc};
    for_each_stop(run, [&](Stop& stop) {
      if (run.proc == stop.by_proc) return;
      if (run.start >= stop.begin) {
        add_first(stop.next, run);
      } else if (interval.start_edge != Edge::Seen) {
        stop.old.push_back(run);
      } else if (run.end > stop.stopped) {
        stop.stopped = run.end;
        stop.last_proc = run.proc;
      }
    });
  }
}

void StopTheWorld::add_first(std::vector<Run>& runs, const Run& run) {
  // More than there are procs, mostly; what is behind these began long after the world had stopped.
  constexpr std::size_t kMost = 24;
  const bool is_full = runs.size() == kMost;
  if (is_full && run.start >= runs.back().start) return;
  if (is_full) runs.pop_back();
  runs.insert(std::ranges::upper_bound(runs, run.start, {}, &Run::start), run);
}

void StopTheWorld::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.kind != RangeKind::StopTheWorld || range.is_guess()) continue;
    pauses_.push_back(range);
    worst_.add(range);
  }
}

void StopTheWorld::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const StopTheWorld&>(next);
  Stop& last = stops_.empty() ? before_ : stops_.back();
  for (const Run& run : other.before_.next) {
    if (run.proc != last.by_proc) add_first(last.next, run);
  }
  for (const Run& run : other.before_.runs) add_first(last.runs, run);
  stops_.insert(stops_.end(), other.stops_.begin(), other.stops_.end());
  pauses_.insert(pauses_.end(), other.pauses_.begin(), other.pauses_.end());
  worst_.merge(other.worst_);
}

void StopTheWorld::settle(Stop& stop, const RangeInterval& pause, bool v1) {
  for (const Run& run : stop.old) {
    if (run.end <= stop.stopped || (v1 && run.end > pause.end)) continue;
    stop.stopped = run.end;
    stop.last_proc = run.proc;
  }
  auto run = stop.next.begin();
  for (; run != stop.next.end() && run->start < stop.stopped; ++run) {
    if (run->end <= stop.stopped) continue;
    stop.stopped = run->end;
    stop.last_proc = run->proc;
  }
  stop.next.erase(stop.next.begin(), run);
}

const StopTheWorld::Run* StopTheWorld::last_of(const Stop& stop) {
  const Run* last = nullptr;
  const auto is_later = [&](const Run& run) {
    if (last == nullptr) return true;
    const bool on_last = run.proc == stop.last_proc;
    if (on_last != (last->proc == stop.last_proc)) return on_last;
    return run.end > last->end;
  };
  for (const Run& run : stop.runs) {
    if (run.proc == stop.by_proc || run.end <= stop.begin || run.end > stop.stopped) continue;
    if (is_later(run)) last = &run;
  }
  return last;
}

Duration StopTheWorld::standstill(const RangeInterval& pause, const Stop& stop) {
  const Time again = stop.next.empty() ? kNever : stop.next.front().start;
  return elapsed(stop.stopped, std::min(again, pause.end));
}

StopTheWorld::Stop* StopTheWorld::find_stop(const RangeInterval& pause) {
  auto stop = std::ranges::lower_bound(stops_, pause.start, {}, &Stop::begin);
  while (stop != stops_.end() && stop->begin == pause.start) {
    if (stop->by == pause.goroutine) return &*stop;
    ++stop;
  }
  return nullptr;
}

const StopTheWorld::Stop* StopTheWorld::stop_of(const RangeInterval& pause) {
  const Stop* const stop = find_stop(pause);
  // The world runs again before its pause ends: what stopped later, stopped for another reason.
  return stop != nullptr && stop->stopped <= pause.end ? stop : nullptr;
}

void StopTheWorld::finish(const TraceContext& context, Findings& findings) {
  for (const RangeInterval& pause : pauses_) {
    if (Stop* const stop = find_stop(pause)) settle(*stop, pause, context.v1);
  }
  add_kinds(context.vocabulary, findings);
  if (detail_ == Detail::Distribution) add_histogram(findings);
  add_worst(context.vocabulary, findings);
}

void StopTheWorld::add_kinds(const Vocabulary& vocabulary, Findings& findings) {
  std::map<std::string_view, Kind> kinds;
  for (const RangeInterval& pause : pauses_) {
    Kind& kind = kinds[vocabulary.of(pause.name)];
    kind.pauses.add(pause.duration());
    const Stop* const stop = stop_of(pause);
    if (stop == nullptr) continue;
    kind.stopping.add(elapsed(stop->begin, stop->stopped));
    kind.stopped.add(standstill(pause, *stop));
  }
  table::Table table("stop_the_world", "Stop-the-world pauses",
                     "Times in which the runtime stopped all goroutines, by what it did then: from "
                     "the begin of stopping them until the goroutine that did it goes on, which "
                     "may be long after the others do, on a machine with too few CPUs.");
  table.be_summary();
  const auto name = table.add_text("kind", "Kind", "What the world was stopped for.");
  const auto count = table.add_count("pauses", "Pauses", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all pauses.");
  const QuantileColumns quantiles(table, "the pauses");
  const auto stopping = table.add_duration(
      "stopping", "Stopping",
      "Of that, until the last other proc was given up; in it, others still ran.");
  const auto stopping_max = table.add_duration("stopping_max", "Longest stop",
                                               "The longest time that it took to stop them.");
  const auto stopped = table.add_duration(
      "stopped", "Stopped", "From then on until the first other goroutine ran again: nobody did.");
  const auto stopped_max =
      table.add_duration("stopped_max", "Longest stopped", "The longest time of that.");
  for (const auto& [text, kind] : kinds) {
    auto row = table.add_row();
    row.set(name, text)
        .set(count, kind.pauses.count())
        .set(total, kind.pauses.sum())
        .set(stopping, kind.stopping.sum())
        .set(stopping_max, kind.stopping.greatest())
        .set(stopped, kind.stopped.sum())
        .set(stopped_max, kind.stopped.greatest());
    quantiles.set(row, kind.pauses);
  }
  table.sort_by(total, table::Order::Descending);
  findings.tables.push_back(std::move(table));
}

void StopTheWorld::add_histogram(Findings& findings) const {
  Histogram all;
  for (const RangeInterval& pause : pauses_) all.add(pause.duration());
  findings.tables.push_back(histogram_table("pause_histogram", "How the pauses are distributed",
                                            "All pauses of the table above by how long they were.",
                                            "pauses", all));
}

void StopTheWorld::add_worst(const Vocabulary& vocabulary, Findings& findings) {
  table::Table table("worst_pauses", "Longest stop-the-world pauses",
                     "The longest ones, one by one, 1,000 at most.");
  const auto pause = table.add_duration("pause", "Pause", "How long it was.");
  const auto at = table.add_time("at", "At", "When it began.");
  const auto kind = table.add_text("kind", "Kind", "What the world was stopped for.");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That stopped it.", "goroutine");
  const auto stopping = table.add_duration(
      "stopping", "Stopping", "How long it took until the last other proc was given up.");
  const auto stopped = table.add_duration(
      "stopped", "Stopped",
      "From then on until the first other one ran again. What is left of the pause, the others ran "
      "and only the one that stopped them did not yet.");
  const auto last = table.add_id("last", "Last to stop",
                                 "The goroutine that ran last on it or, if none did, on any "
                                 "other; its stack is the evidence. None: no other ran.",
                                 "goroutine");
  const CallSiteColumns site(table);
  for (const RangeInterval& range : worst_.sorted()) {
    auto row = table.add_row();
    row.set(pause, range.duration())
        .set(at, range.start)
        .set(kind, vocabulary.of(range.name))
        .set(goroutine, range.goroutine)
        .range(range.start, range.end)
        .goroutine(range.goroutine);
    const Stop* const stop = stop_of(range);
    const Run* const run = stop == nullptr ? nullptr : last_of(*stop);
    if (stop != nullptr) {
      row.set(stopped, standstill(range, *stop));
      row.set(stopping, elapsed(stop->begin, stop->stopped));
    }
    StackNumber stack = range.stack;
    if (run != nullptr) {
      row.set(last, run->goroutine);
      site.set(row, call_site_of(vocabulary, run->stack));
      if (run->stack != StackNumber::None) stack = run->stack;
    }
    if (stack != StackNumber::None) row.stack(vocabulary.text_of(stack));
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
