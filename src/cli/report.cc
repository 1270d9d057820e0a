// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/report.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "marey/trace.h"

#include "src/base/format.h"
#include "src/base/json_writer.h"
#include "src/cli/answer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/output_file.h"
#include "src/cli/passing.h"
#include "src/cli/reading.h"
#include "src/cli/report_page.h"
#include "src/cli/selection.h"
#include "src/cli/suggest.h"
#include "src/cli/tables.h"
#include "src/cli/time_range.h"
#include "src/cli/trace_facts.h"
#include "src/table/cell.h"

namespace marey::cli {
namespace {

/// The range of time that the report is about; "": all of the trace.
std::string range_text(const index::PassResult& result, const analysis::Scope& scope) {
  const auto range = range_of(scope, result);
  if (!range) return {};
  // What was asked for may lie outside the trace, which standard error says.
  if (range->begin >= range->end) return "none of the trace";
  const auto time = [&](Time at) {
    return table::cell_text(table::ColumnType::Time, table::Value(at),
                            {.time_origin = result.first_time});
  };
  return fmt::format("{} to {} ({})", time(range->begin), time(range->end),
                     base::format_duration(range->end - range->begin));
}

void add_counts(std::vector<Fact>& facts, const analysis::ReportCounts& counts, bool has_range) {
  const auto text = [](std::uint64_t n) {
    return base::format_count(static_cast<std::int64_t>(n));
  };
  facts.push_back(
      {"goroutines", fmt::format("{} ({} creations in the {}, at most {} at a time)",
                                 text(counts.goroutines), text(counts.goroutines_created),
                                 has_range ? "range" : "trace", text(counts.goroutines_most))});
  facts.push_back({"procs", counts.gomaxprocs == 0
                                ? text(counts.procs)
                                : fmt::format("{} (GOMAXPROCS {})", text(counts.procs),
                                              text(counts.gomaxprocs))});
  facts.push_back({"threads", text(counts.threads)});
  facts.push_back({"GC cycles", text(counts.gc_cycles)});
  facts.push_back({"tasks", text(counts.tasks)});
  facts.push_back({"regions", text(counts.regions)});
  facts.push_back({"logs", text(counts.logs)});
  facts.push_back({"CPU samples", text(counts.cpu_samples)});
}

/// What the trace is and, in the range if there is one, how much of everything it has.
std::vector<Fact> all_facts(std::string_view name, const index::PassResult& result,
                            const analysis::Scope& scope, const analysis::Report& report) {
  std::vector<Fact> facts = facts_of(name, result);
  if (std::string range = range_text(result, scope); !range.empty()) {
    facts.push_back({"range", std::move(range)});
  }
  add_counts(facts, report.counts, scope.has_range());
  return facts;
}

void write_json(std::string& out, std::string_view name, const index::PassResult& result,
                const analysis::Scope& scope, const analysis::Report& report) {
  base::JsonWriter json(out);
  json.begin_object();
  json.field("schema", "marey.report/1");
  json.field("marey", version());
  json.key("trace").begin_object();
  write_facts(json, name, result);
  json.end_object();
  write_range(json, scope, result);
  analysis::write_json(json, report);
  json.end_object();
  out += '\n';
}

Result<void> check_flags(const Options& options) {
  if (options.html_path.empty()) return {};
  if (options.json) {
    return std::unexpected(
        Error{ErrorKind::Usage, "--html and --json are two forms of the report; give one of them"});
  }
  if (options.html_path == "-") return {};
  return check_output_file(options.html_path, options.operands.back());
}

}  // namespace

int run_report(const Options& options, Console& console) {
  const std::string name = display_name(options.operands.back());
  if (const Result<void> good = check_flags(options); !good) {
    return fail_answer("", good.error(), options, console);
  }
  Result<Selection> selection = Selection::of(options);
  if (!selection) return fail_answer(name, selection.error(), options, console);
  const analysis::Scope& scope = selection->scope();
  const analysis::AnalysisFolds folds = analysis::report_folds(scope);
  const Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(selection->path(), pass_options, folds);
      });
  if (!result) return fail_reading(name, result.error(), options, console);

  analysis::Report report =
      make_report(*result, static_cast<analysis::AnalysisFold*>(result->fold.get()));
  const bool rows_left_out = arrange(report.findings, options).value_or(false);
  std::string& out = console.out().text();
  if (options.json) {
    write_json(out, name, *result, scope, report);
  } else if (!options.html_path.empty()) {
    const std::string file = name == kStandardInput ? "FILE" : file_argument(name);
    std::string page = report_page(name, file, *result, range_text(*result, scope),
                                   all_facts(name, *result, scope, report), report.findings);
    if (options.html_path == "-") {
      out += page;
    } else if (const Result<void> written = write_file(options.html_path, page); !written) {
      return console.fail("", written.error());
    }
  } else {
    const TextStyle style = text_style(options);
    write_facts(out, all_facts(name, *result, scope, report), style);
    write_health(out, *result, style);
    if (useful_events(*result) > 0) {
      write_text(out, report.findings, *result, rows_left_out, options);
    }
  }
  const int status = judge_shown(name, *result, options, console);
  const std::string why = selection->remark(*result);
  if (status == kExitOk && !why.empty()) console.say(fmt::format("{}: {}", name, why));
  return status;
}

}  // namespace marey::cli
