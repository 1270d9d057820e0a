// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/stop_the_world.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace marey::analysis {

bool StopTheWorld::Longer::operator()(const RangeInterval& a, const RangeInterval& b) const {
  const auto key = [](const RangeInterval& pause) {
    return std::tuple(-pause.duration(), pause.start, raw(pause.goroutine));
  };
  return key(a) < key(b);
}

Interests StopTheWorld::interests() const {
  Interests interests;
  interests.ranges = true;
  interests.wholes = true;
  return interests;
}

void StopTheWorld::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.kind != RangeKind::StopTheWorld || range.is_guess()) continue;
    kinds_[range.name].add(range.duration());
    worst_.add(range);
  }
}

void StopTheWorld::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const StopTheWorld&>(next);
  for (const auto& [kind, histogram] : other.kinds_) kinds_[kind].merge(histogram);
  worst_.merge(other.worst_);
}

void StopTheWorld::finish(const TraceContext& context, Findings& findings) {
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table("stop_the_world", "Stop-the-world pauses",
                     "Times in which the runtime stopped all goroutines, by what it did then: from "
                     "the begin of stopping them until the goroutine that did it runs on, so that "
                     "others may run at both ends.");
  table.be_summary();
  const auto kind = table.add_text("kind", "Kind", "What the world was stopped for.");
  const auto count = table.add_count("pauses", "Pauses", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all pauses.");
  const auto p99 =
      table.add_duration("p99", "p99", "99 % of the pauses are no longer; exact to 1.6 %.");
  const auto most = table.add_duration("max", "Max", "The longest pause.");
  std::vector<std::pair<std::string_view, const Histogram*>> kinds;
  for (const auto& [name, histogram] : kinds_) kinds.emplace_back(vocabulary.of(name), &histogram);
  std::ranges::sort(kinds);
  std::uint64_t pauses = 0;
  for (const auto& [name, histogram] : kinds) {
    pauses += histogram->count();
    table.add_row()
        .set(kind, name)
        .set(count, histogram->count())
        .set(total, histogram->sum())
        .set(p99, histogram->quantile(0.99))
        .set(most, histogram->greatest());
  }
  table.sort_by(total, table::Order::Descending);

  table::Table worst("worst_pauses", "Longest stop-the-world pauses",
                     "The longest ones, one by one, 1,000 at most.");
  const auto pause = worst.add_duration("pause", "Pause", "How long it was.");
  const auto at = worst.add_time("at", "At", "When it began.");
  const auto what = worst.add_text("kind", "Kind", "What the world was stopped for.");
  const auto goroutine = worst.add_id("goroutine", "Goroutine", "That stopped it.", "goroutine");
  for (const RangeInterval& range : worst_.things()) {
    auto row = worst.add_row();
    row.set(pause, range.duration())
        .set(at, range.start)
        .set(what, vocabulary.of(range.name))
        .set(goroutine, range.goroutine)
        .range(range.start, range.end)
        .goroutine(range.goroutine);
    if (range.stack != StackNumber::None) row.stack(vocabulary.text_of(range.stack));
  }
  findings.tables.push_back(std::move(table));
  findings.tables.push_back(std::move(worst));
}

}  // namespace marey::analysis
