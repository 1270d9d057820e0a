// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/metrics.h"

#include <algorithm>
#include <utility>

#include "src/analysis/usage.h"
#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {
namespace {

using wire::EventType;

struct Metric {
  EventType type;
  const char* id;
  const char* name;  ///< as in Go's runtime/metrics
  const char* title;
  const char* help;
  table::ColumnType column;
  const char* unit;
};
constexpr std::array<Metric, 3> kMetricSpecs{{
    {EventType::HeapAlloc, "heap", "/memory/classes/heap/objects:bytes", "Heap",
     "Memory in objects, dead ones that are not swept yet among them; the greatest value.",
     table::ColumnType::Bytes, "bytes"},
    {EventType::HeapGoal, "heap_goal", "/gc/heap/goal:bytes", "Heap goal",
     "The size of the heap at which the next garbage collection is to end.",
     table::ColumnType::Bytes, "bytes"},
    {EventType::ProcsChange, "gomaxprocs", "/sched/gomaxprocs:threads", "GOMAXPROCS",
     "How many procs there are; in traces before Go 1.22 told only when the world starts again.",
     table::ColumnType::Count, "procs"},
}};

}  // namespace

Interests Metrics::interests() const {
  Interests interests;
  for (const Metric& metric : kMetricSpecs) {
    interests.unscoped_events.set(order::type_number(metric.type));
  }
  return interests;
}

void Metrics::events(std::span<const Event::Record* const> events, Translation&) {
  for (const Event::Record* const record : events) {
    const auto* const metric =
        std::ranges::find(kMetricSpecs, static_cast<EventType>(record->type), &Metric::type);
    if (metric == kMetricSpecs.end()) continue;
    gauges_[static_cast<std::size_t>(metric - kMetricSpecs.begin())].add(record->time,
                                                                         record->args[0]);
  }
}

void Metrics::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const Metrics&>(next);
  for (std::size_t i = 0; i < kMetrics; i++) gauges_[i].merge(other.gauges_[i]);
}

void Metrics::finish(const TraceContext& context, Findings& findings) {
  table::Table heap("heap", "The heap",
                    "As the runtime told it now and then, in all of the trace.");
  heap.be_summary();
  table::Table procs("gomaxprocs", "GOMAXPROCS",
                     "How many procs there may be, as the runtime told it, in all of the trace.");
  procs.be_summary();
  add_rows(heap, table::ColumnType::Bytes);
  add_rows(procs, table::ColumnType::Count);
  for (std::size_t i = 0; i < kMetrics; i++) {
    if (gauges_[i].empty()) continue;
    const Metric& metric = kMetricSpecs[i];
    findings.charts.push_back({metric.id, metric.title, metric.help, metric.column, metric.unit,
                               context.begin, context.end,
                               gauges_[i].values(context.begin, context.end, Usage::kValues)});
  }
  findings.tables.push_back(std::move(heap));
  findings.tables.push_back(std::move(procs));
}

void Metrics::add_rows(table::Table& table, table::ColumnType type) const {
  const auto metric = table.add_text("metric", "Metric", "As in Go's runtime/metrics.");
  const auto add = [&](std::string name, std::string title, std::string help) {
    return type == table::ColumnType::Bytes
               ? table.add_bytes(std::move(name), std::move(title), std::move(help))
               : table.add_count(std::move(name), std::move(title), std::move(help));
  };
  const auto first = add("first", "First", "The first value.");
  const auto least = add("least", "Least", "The least value.");
  const auto greatest = add("greatest", "Greatest", "The greatest value.");
  const auto last = add("last", "Last", "The last value.");
  for (std::size_t i = 0; i < kMetrics; i++) {
    const Gauge& gauge = gauges_[i];
    if (kMetricSpecs[i].column != type || gauge.empty()) continue;
    table.add_row()
        .set(metric, kMetricSpecs[i].name)
        .set(first, gauge.first())
        .set(least, gauge.least())
        .set(greatest, gauge.greatest())
        .set(last, gauge.last());
  }
}

}  // namespace marey::analysis
