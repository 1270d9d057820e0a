// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/report.h"

#include <memory>
#include <utility>
#include <vector>

#include "src/analysis/analyses.h"
#include "src/analysis/report_readings.h"
#include "src/analysis/trace_counts.h"
#include "src/table/json.h"

namespace marey::analysis {
namespace {

ReportCounts counts_of(const TraceCounts& of) {
  return {.goroutines = of.goroutines(),
          .goroutines_created = of.goroutines_created(),
          .goroutines_most = of.goroutines_most(),
          .procs = of.procs(),
          .gomaxprocs = of.gomaxprocs(),
          .threads = of.threads(),
          .gc_cycles = of.gc_cycles(),
          .tasks = of.tasks(),
          .regions = of.regions(),
          .logs = of.logs(),
          .cpu_samples = of.cpu_samples()};
}

}  // namespace

AnalysisFolds report_folds(const Scope& scope) {
  return AnalysisFolds(
      [scope](const Vocabulary& vocabulary) { return report_analyses(vocabulary, scope); }, scope);
}

Report make_report(const index::PassResult& result, AnalysisFold* fold) {
  if (fold == nullptr) return {};
  Findings findings = fold->finish(result);
  for (table::Table& table : findings.tables) table.set_reading(reading_of(table.id()));
  const auto& counts = static_cast<const TraceCounts&>(*fold->analyses().front());
  return {counts_of(counts), std::move(findings)};
}

void write_json(base::JsonWriter& json, const Report& report) {
  const ReportCounts& counts = report.counts;
  json.key("counts").begin_object();
  json.field("goroutines", counts.goroutines);
  json.field("goroutines_created", counts.goroutines_created);
  json.field("goroutines_most", counts.goroutines_most);
  json.field("procs", counts.procs);
  json.field("gomaxprocs", counts.gomaxprocs);
  json.field("threads", counts.threads);
  json.field("gc_cycles", counts.gc_cycles);
  json.field("tasks", counts.tasks);
  json.field("regions", counts.regions);
  json.field("logs", counts.logs);
  json.field("cpu_samples", counts.cpu_samples);
  json.end_object();
  json.key("tables").begin_array();
  for (const table::Table& table : report.findings.tables) table::write_json(json, table);
  json.end_array();
  json.key("charts").begin_array();
  for (const table::Chart& chart : report.findings.charts) table::write_json(json, chart);
  json.end_array();
}

}  // namespace marey::analysis
