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
#include "src/cli/terminal.h"
#include "src/cli/trace_facts.h"
#include "src/table/chart.h"
#include "src/table/json.h"
#include "src/table/text.h"

namespace marey::cli {
namespace {

constexpr unsigned kUsualRows = 10;

/// Width of charts for no terminal; tables and sentences get all that they want there.
std::size_t chart_width() {
  constexpr std::size_t kUsualWidth = 100;
  const std::size_t columns = columns_variable();
  return columns != 0 ? columns : kUsualWidth;
}

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

/// How to see what the tables leave out; "": they show all.
std::string way_to_all(bool rows_left_out, bool columns_left_out, const Options& options) {
  std::string way;
  if (rows_left_out) way = "'--top N' shows more rows";
  if (columns_left_out) {
    way += rows_left_out ? "; " : "";
    // In a pipe, too, lines are no longer than --width says.
    way += options.width != 0 ? "a greater '--width'" : "'--width N', or a pipe,";
    way += rows_left_out ? " all columns" : " shows all columns";
  }
  return way.empty() ? way : way + '.';
}

/// `rows_left_out`: whether --top would show more rows.
void write_text(std::string& out, std::string_view name, const index::PassResult& result,
                const analysis::Report& report, bool rows_left_out, const Options& options) {
  const TextStyle style = text_style(options);
  const bool ascii = wants_ascii();

  write_facts(out, name, result, style);
  write_counts(out, report.counts, style);
  write_health(out, result, style);
  if (useful_events(result) == 0) return;
  for (const table::Chart& chart : report.charts) {
    out += '\n';
    table::draw_chart(out, chart,
                      {.color = style.color,
                       .ascii = ascii,
                       .width = style.width != 0 ? style.width : chart_width(),
                       .height = 2,
                       .time_origin = result.first_time});
  }
  std::string without_rows;
  const std::string_view nothing =
      result.health.damaged() ? "Nothing to show, in what damage has left: " : "Nothing to show: ";
  bool columns_left_out = false;
  for (const table::Table& table : report.tables) {
    if (table.is_blank()) {
      without_rows += without_rows.empty() ? nothing : "; ";
      without_rows += table.title();
      continue;
    }
    out += '\n';
    columns_left_out |= table::draw_text(out, table,
                                         {.color = style.color,
                                          .ascii = ascii,
                                          .help = true,
                                          .skip_blank = true,
                                          .width = style.width,
                                          .time_origin = result.first_time});
  }
  if (!without_rows.empty()) {
    out += '\n';
    write_sentence(out, without_rows, style);
  }
  if (const std::string way = way_to_all(rows_left_out, columns_left_out, options); !way.empty()) {
    out += '\n';
    write_sentence(out, way, style);
  }
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
  // Programs want everything.
  const std::optional<unsigned> rows =
      options.json || options.top ? options.top : std::optional(kUsualRows);
  bool rows_left_out = false;
  for (table::Table& table : report.tables) {
    if (!rows || table.is_summary()) continue;
    rows_left_out |= table.row_count() > *rows && !table.is_blank();
    table.keep_first(*rows);
  }
  if (options.json) {
    write_json(console.out().text(), name, *result, report);
  } else {
    write_text(console.out().text(), name, *result, report, rows_left_out, options);
  }
  return judge_shown(name, *result, options, console);
}

}  // namespace marey::cli
