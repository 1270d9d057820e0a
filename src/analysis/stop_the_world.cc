// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/stop_the_world.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/analysis/call_site.h"
#include "src/analysis/quantile_columns.h"

namespace marey::analysis {

bool StopTheWorld::Longer::operator()(const RangeInterval& a, const RangeInterval& b) const {
  const auto key = [](const RangeInterval& pause) {
    return std::tuple(-pause.duration(), pause.start, raw(pause.goroutine));
  };
  return key(a) < key(b);
}

Interests StopTheWorld::interests() const {
  Interests interests;
  interests.states = {GoState::Running};
  interests.stacks = true;
  interests.ranges = true;
  interests.stops = true;
  interests.states_view = View::All;
  interests.ranges_view = View::Wholes;
  return interests;
}

void StopTheWorld::stop_begins(const Event::Record& record) {
  stops_.push_back({record.time, record.goroutine, record.time});
}

void StopTheWorld::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  if (stops_.empty()) return;
  for (const Interval& interval : intervals) {
    // Nearly none was running when a pause began.
    if (interval.start >= stops_.back().begin || interval.state != GoState::Running ||
        interval.is_guess()) {
      continue;
    }
    auto stop = std::ranges::upper_bound(stops_, interval.start, {}, &Stop::begin);
    for (; stop != stops_.end() && stop->begin <= interval.end; ++stop) {
      if (interval.goroutine == stop->by || interval.end <= stop->stopped) continue;
      stop->stopped = interval.end;
      stop->last = interval.goroutine;
      stop->stack = interval.end_stack;
    }
  }
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
  stops_.insert(stops_.end(), other.stops_.begin(), other.stops_.end());
  pauses_.insert(pauses_.end(), other.pauses_.begin(), other.pauses_.end());
  worst_.merge(other.worst_);
}

const StopTheWorld::Stop* StopTheWorld::stop_of(const RangeInterval& pause) const {
  auto stop = std::ranges::lower_bound(stops_, pause.start, {}, &Stop::begin);
  while (stop != stops_.end() && stop->begin == pause.start) {
    // The world runs again before its pause ends: what stopped later, stopped for another reason.
    if (stop->by == pause.goroutine) return stop->stopped <= pause.end ? &*stop : nullptr;
    ++stop;
  }
  return nullptr;
}

void StopTheWorld::finish(const TraceContext& context, Findings& findings) {
  add_kinds(context.vocabulary, findings);
  add_worst(context.vocabulary, findings);
}

void StopTheWorld::add_kinds(const Vocabulary& vocabulary, Findings& findings) const {
  std::map<std::string_view, Kind> kinds;
  for (const RangeInterval& pause : pauses_) {
    Kind& kind = kinds[vocabulary.of(pause.name)];
    kind.pauses.add(pause.duration());
    if (const Stop* const stop = stop_of(pause)) kind.stopping.add(stop->stopped - stop->begin);
  }
  table::Table table("stop_the_world", "Stop-the-world pauses",
                     "Times in which the runtime stopped all goroutines, by what it did then: from "
                     "the begin of stopping them until the goroutine that did it runs on, so that "
                     "others may run at both ends.");
  table.be_summary();
  const auto name = table.add_text("kind", "Kind", "What the world was stopped for.");
  const auto count = table.add_count("pauses", "Pauses", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all pauses.");
  const QuantileColumns quantiles(table, "the pauses");
  const auto stopping =
      table.add_duration("stopping", "Stopping",
                         "Of that, until the last goroutine had stopped; in it, others still ran.");
  const auto stopping_max = table.add_duration("stopping_max", "Longest stop",
                                               "The longest time that it took to stop them.");
  for (const auto& [text, kind] : kinds) {
    auto row = table.add_row();
    row.set(name, text)
        .set(count, kind.pauses.count())
        .set(total, kind.pauses.sum())
        .set(stopping, kind.stopping.sum())
        .set(stopping_max, kind.stopping.greatest());
    quantiles.set(row, kind.pauses);
  }
  table.sort_by(total, table::Order::Descending);
  findings.tables.push_back(std::move(table));
}

void StopTheWorld::add_worst(const Vocabulary& vocabulary, Findings& findings) const {
  table::Table table("worst_pauses", "Longest stop-the-world pauses",
                     "The longest ones, one by one, 1,000 at most.");
  const auto pause = table.add_duration("pause", "Pause", "How long it was.");
  const auto at = table.add_time("at", "At", "When it began.");
  const auto kind = table.add_text("kind", "Kind", "What the world was stopped for.");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That stopped it.", "goroutine");
  const auto stopping = table.add_duration(
      "stopping", "Stopping", "How long it took until the last other one had stopped.");
  const auto last = table.add_id("last", "Last to stop",
                                 "That one; none: no other ran when the pause began.", "goroutine");
  const CallSiteColumns site(table);
  for (const RangeInterval& range : worst_.sorted()) {
    auto row = table.add_row();
    row.set(pause, range.duration())
        .set(at, range.start)
        .set(kind, vocabulary.of(range.name))
        .set(goroutine, range.goroutine)
        .range(range.start, range.end)
        .goroutine(range.goroutine);
    if (range.stack != StackNumber::None) row.stack(vocabulary.text_of(range.stack));
    const Stop* const stop = stop_of(range);
    if (stop == nullptr) continue;
    row.set(stopping, stop->stopped - stop->begin).set(last, stop->last);
    site.set(row, call_site_of(vocabulary, stop->stack));
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
