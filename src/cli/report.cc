// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/report.h"

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>

#include "marey/trace.h"

#include "src/base/format.h"
#include "src/base/json_writer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/health_text.h"
#include "src/cli/passing.h"
#include "src/cli/reading.h"
#include "src/cli/tables.h"
#include "src/cli/trace_facts.h"

namespace marey::cli {
namespace {

void write_counts(std::string& out, const analysis::ReportCounts& counts, const TextStyle& style) {
  const auto text = [](std::uint64_t n) {
    return base::format_count(static_cast<std::int64_t>(n));
  };
  add_line(
      out, style, "goroutines",
      fmt::format("{} ({} creations in the trace, at most {} at a time)", text(counts.goroutines),
                  text(counts.goroutines_created), text(counts.goroutines_most)));
  add_line(out, style, "procs",
           counts.gomaxprocs == 0
               ? text(counts.procs)
               : fmt::format("{} (GOMAXPROCS {})", text(counts.procs), text(counts.gomaxprocs)));
  add_line(out, style, "threads", text(counts.threads));
  add_line(out, style, "GC cycles", text(counts.gc_cycles));
  add_line(out, style, "tasks", text(counts.tasks));
  add_line(out, style, "regions", text(counts.regions));
  add_line(out, style, "logs", text(counts.logs));
  add_line(out, style, "CPU samples", text(counts.cpu_samples));
}

/// `rows_left_out`: whether --top would show more rows.
void write_text(std::string& out, std::string_view name, const index::PassResult& result,
                const analysis::Report& report, bool rows_left_out, const Options& options) {
  const TextStyle style = text_style(options);
  write_facts(out, name, result, style);
  write_counts(out, report.counts, style);
  write_health(out, result, style);
  if (useful_events(result) == 0) return;
  write_text(out, report.findings, result, rows_left_out, options);
}

void write_json(std::string& out, std::string_view name, const index::PassResult& result,
                const analysis::Report& report) {
  base::JsonWriter json(out);
  json.begin_object();
  json.field("schema", "marey.report/1");
  json.field("marey", version());
  json.key("trace").begin_object();
  write_facts(json, name, result);
  json.end_object();
  analysis::write_json(json, report);
  json.end_object();
  out += '\n';
}

}  // namespace

int run_report(const Options& options, Console& console) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  const analysis::AnalysisFolds folds = analysis::report_folds();
  const Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(path, pass_options, folds);
      });
  if (!result) return fail_reading(name, result.error(), options, console);

  analysis::Report report =
      make_report(*result, static_cast<analysis::AnalysisFold*>(result->fold.get()));
  const Result<bool> rows_left_out = arrange(report.findings, options);
  if (options.json) {
    write_json(console.out().text(), name, *result, report);
  } else {
    write_text(console.out().text(), name, *result, report, rows_left_out.value_or(false), options);
  }
  return judge_shown(name, *result, options, console);
}

}  // namespace marey::cli
