// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/creations.h"

#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/call_site.h"
#include "src/analysis/telling_frame.h"
#include "src/analysis/usage.h"
#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {
namespace {

using wire::EventType;

constexpr double kSecond = 1e9;  // ns

struct Count {
  std::uint64_t count = 0;
  void merge(Count other) { count += other.count; }
};

}  // namespace

Interests Creations::interests() const {
  Interests interests;
  for (const EventType type : {EventType::GoCreate, EventType::GoCreateBlocked}) {
    interests.events.set(order::type_number(type));
  }
  return interests;
}

void Creations::events(std::span<const Event::Record* const> events, Translation& translation) {
  for (const Event::Record* const record : events) {
    counts_[{translation.root(record->args[1]).frame, translation.stack(record->args[2])}]++;
    series_.add(record->time, record->time + 1);
  }
}

void Creations::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const Creations&>(next);
  for (const auto& [creation, count] : other.counts_) counts_[creation] += count;
  series_.merge(other.series_);
}

void Creations::finish(const TraceContext& context, Findings& findings) {
  const Vocabulary& vocabulary = context.vocabulary;
  std::vector<double> rates = series_.means(context.begin, context.end + 1, Usage::kValues);
  for (double& rate : rates) rate *= kSecond;
  findings.charts.push_back({"goroutines_created", "Goroutines created a second",
                             "How many goroutines go statements create, as a rate.",
                             table::ColumnType::Real, "goroutines a second", context.begin,
                             context.end, std::move(rates)});

  using Key = std::pair<std::string_view, CallSite>;
  CallSiteGroups<Key, Count> groups(vocabulary);
  for (const auto& [creation, count] : counts_) {
    const auto& [function, stack] = creation;
    groups.add({vocabulary.function_of(function), call_site_of(vocabulary, stack)}, stack, {count},
               static_cast<std::int64_t>(count));
  }
  table::Table table("creations", "Who creates goroutines",
                     "go statements that ran, those that create the most first; the runtime's own "
                     "come last.");
  const auto created = table.add_text("created", "Start function", "That the go statement calls.");
  const auto count = table.add_count("goroutines", "Goroutines", "How many it created.");
  const auto rate =
      table.add_real("rate", "A second", "How many that is a second, on average.", "1/s");
  const CallSiteColumns site(table);
  const auto seconds = static_cast<double>(elapsed(context.begin, context.end)) / kSecond;
  for (const auto& [key, group] : groups.groups()) {
    auto row = table.add_row();
    row.set(created, key.first)
        .set(count, group.sum.count)
        .set(rate, seconds > 0 ? static_cast<double>(group.sum.count) / seconds : table::kNoReal);
    site.set(row, key.second);
    if (!group.text.empty()) row.stack(group.text);
  }
  table.sort_by(count, table::Order::Descending);
  table.put_last(created, is_of_runtime);
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
