// SPDX-License-Identifier: Apache-2.0
#include "src/cli/totals.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>

#include "src/base/format.h"
#include "src/cli/command.h"
#include "src/cli/passing.h"
#include "src/cli/reading.h"
#include "src/wire/event_types.h"

namespace marey::cli {
namespace {

constexpr std::size_t kKinds = static_cast<std::size_t>(EventKind::Experimental) + 1;

EventKind kind_of(std::size_t type) {
  Event::Record record;
  record.type = static_cast<std::uint8_t>(type);
  return Event(record).kind();
}

void print(const std::vector<EventCounts::Row>& totals, const EventCounts& counts,
           const Options& options, Console& console) {
  std::string& out = console.out().text();
  if (!options.json) {
    std::vector<EventCounts::Row> rows = totals;
    const std::vector<EventCounts::Row> kinds = counts.kinds();
    rows.insert(rows.end(), kinds.begin(), kinds.end());
    append_rows(out, "", rows);
    return;
  }
  base::JsonWriter json(out);
  json.begin_object();
  for (const EventCounts::Row& row : totals) json.field(row.name, row.count);
  json.key("events_by_kind");
  write_json(json, counts.kinds());
  json.end_object();
  out += '\n';
}

}  // namespace

std::uint64_t EventCounts::of(EventKind kind) const {
  std::uint64_t count = 0;
  for (std::size_t type = 0; type < by_type.size(); type++) {
    if (by_type[type] > 0 && kind_of(type) == kind) count += by_type[type];
  }
  return count;
}

std::vector<EventCounts::Row> EventCounts::kinds() const {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < kKinds; i++) {
    const auto kind = static_cast<EventKind>(i);
    if (const std::uint64_t count = of(kind); count > 0) rows.push_back({name_of(kind), count});
  }
  return rows;
}

std::vector<EventCounts::Row> EventCounts::types() const {
  std::vector<Row> rows;
  for (std::size_t type = 0; type < by_type.size(); type++) {
    // Sync events have no type on the wire.
    if (by_type[type] > 0 && !wire::kEventSpecs[type].name.empty()) {
      rows.push_back({wire::kEventSpecs[type].name, by_type[type]});
    }
  }
  return rows;
}

EventCounts counts_of(const index::PassResult& result) {
  return {result.events, result.events_by_type};
}

void append_rows(std::string& out, std::string_view indent,
                 const std::vector<EventCounts::Row>& rows) {
  std::size_t name_width = 0;
  std::size_t count_width = 0;
  const auto count_text = [](std::uint64_t count) {
    return base::format_count(static_cast<std::int64_t>(count));
  };
  for (const EventCounts::Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    count_width = std::max(count_width, count_text(row.count).size());
  }
  for (const EventCounts::Row& row : rows) {
    out += fmt::format("{}{:{}}  {:>{}}\n", indent, row.name, name_width, count_text(row.count),
                       count_width);
  }
}

void write_json(base::JsonWriter& json, const std::vector<EventCounts::Row>& rows) {
  json.begin_object();
  for (const EventCounts::Row& row : rows) json.field(row.name, row.count);
  json.end_object();
}

int count_whole_trace(const Options& options, Console& console) {
  const std::string name = display_name(options.operands.back());
  const Result<index::PassResult> result =
      run_with_progress(options, [&options](const index::PassOptions& pass_options) {
        return index::count_events(options.operands.back(), pass_options);
      });
  if (!result) return fail_reading(name, result.error(), options, console);
  const EventCounts counts = counts_of(*result);
  print({{"events", counts.events},
         {"generations", result->generations},
         {"bytes", result->info.bytes}},
        counts, options, console);
  return judge(name, *result, options, console);
}

void print_totals(const EventCounts& counts, const Options& options, Console& console) {
  print({{"events", counts.events}}, counts, options, console);
}

}  // namespace marey::cli
