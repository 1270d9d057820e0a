// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/mark_assists.h"

#include <utility>

#include "src/analysis/call_site.h"
#include "src/analysis/quantile_columns.h"

namespace marey::analysis {

Interests MarkAssists::interests() const {
  Interests interests;
  interests.ranges = true;
  interests.ranges_view = View::Wholes;
  return interests;
}

void MarkAssists::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.kind != RangeKind::Assist || !range.whole()) continue;
    of_stacks_[range.stack].add(range.duration());
    longest_.add(range);
  }
}

void MarkAssists::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const MarkAssists&>(next);
  of_stacks_.merge(other.of_stacks_);
  longest_.merge(other.longest_);
}

void MarkAssists::finish(const TraceContext& context, Findings& findings) {
  const Vocabulary& vocabulary = context.vocabulary;
  CallSiteGroups<CallSite, Histogram> sites(vocabulary);
  of_stacks_.for_each([&](StackNumber stack, const Histogram& times) {
    sites.add(call_site_of(vocabulary, stack), stack, times, times.sum());
  });
  table::Table table("mark_assists", "Who pays: mark assists by place",
                     "Goroutines that allocate while the collector marks must help it: where they "
                     "allocated, and how long that took, waiting included. Those that begin and "
                     "end in the trace. Quantiles are exact to 1.6 %.");
  const CallSiteColumns site(table);
  const auto assists = table.add_count("assists", "Assists", "How many there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all.");
  const QuantileColumns quantiles(table, "the assists");
  for (const auto& [key, group] : sites.groups()) {
    auto row = table.add_row();
    site.set(row, key);
    row.set(assists, group.sum.count()).set(total, group.sum.sum());
    quantiles.set(row, group.sum);
    if (!group.text.empty()) row.stack(group.text);
  }
  table.sort_by(total, table::Order::Descending);
  findings.tables.push_back(std::move(table));
  Histogram all;
  of_stacks_.for_each([&](StackNumber, const Histogram& times) { all.merge(times); });
  findings.tables.push_back(histogram_table("assist_histogram", "How mark assists are distributed",
                                            "All assists of the table above by how long they were.",
                                            "assists", all));

  table::Table longest("longest_assists", "Longest mark assists",
                       "The longest ones, one by one, 1,000 at most.");
  const auto duration = longest.add_duration("assist", "Assist", "How long it was.");
  const auto at = longest.add_time("at", "At", "When it began.");
  const auto goroutine = longest.add_id("goroutine", "Goroutine", "That helped.", "goroutine");
  const CallSiteColumns place(longest);
  for (const RangeInterval& assist : longest_.sorted()) {
    auto row = longest.add_row();
    row.set(duration, assist.duration())
        .set(at, assist.start)
        .set(goroutine, assist.goroutine)
        .range(assist.start, assist.end)
        .goroutine(assist.goroutine);
    place.set(row, call_site_of(vocabulary, assist.stack));
    if (assist.stack != StackNumber::None) row.stack(vocabulary.text_of(assist.stack));
  }
  findings.tables.push_back(std::move(longest));
}

}  // namespace marey::analysis
