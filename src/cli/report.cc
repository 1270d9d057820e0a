// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "marey/trace.h"

#include "src/analysis/analysis_fold.h"
#include "src/analysis/profile.h"
#include "src/base/json_writer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/passing.h"
#include "src/cli/reading.h"
#include "src/cli/terminal.h"
#include "src/cli/trace_facts.h"
#include "src/table/json.h"
#include "src/table/text.h"

namespace marey::cli {
namespace {

/// Where goroutines spend the time in which they do not run: one table a kind of waiting.
struct Section {
  analysis::ProfileKind kind;
  std::string_view id;
  std::string_view title;
  std::string_view help;
};
constexpr std::array kSections{
    Section{analysis::ProfileKind::Sched, "sched", "Waiting to run",
            "Time goroutines were runnable and not running, by the call that made them so."},
    Section{analysis::ProfileKind::Sync, "sync", "Blocked on channels and locks",
            "Time goroutines waited for channels, locks and select, by where they blocked."},
    Section{analysis::ProfileKind::Net, "net", "Waiting for the network",
            "Time goroutines waited for the network, by where they blocked."},
    Section{analysis::ProfileKind::Syscall, "syscall", "In system calls",
            "Time goroutines spent in system calls, by where they entered them."},
};

/// The innermost frame outside the runtime's own packages, which is where a reader can do something.
const analysis::ProfileSample::Frame* telling_frame(const analysis::ProfileSample& sample) {
  for (const auto& frame : sample.stack) {
    if (!frame.function.starts_with("runtime.") && !frame.function.starts_with("internal/") &&
        !frame.function.starts_with("sync.") && !frame.function.starts_with("syscall.")) {
      return &frame;
    }
  }
  return sample.stack.empty() ? nullptr : &sample.stack.front();
}

table::Table table_of(const Section& section, const analysis::Profile& profile, std::size_t top) {
  table::Table table(std::string(section.id), std::string(section.title),
                     std::string(section.help));
  const auto total = table.add_duration("total", "Total", "Time in all.");
  const auto count = table.add_count("count", "Count", "How many times.");
  const auto function =
      table.add_text("function", "Function", "The innermost one outside the runtime.");
  const auto place = table.add_text("place", "Place", "File and line.");
  for (const analysis::ProfileSample& sample : profile.samples()) {
    const auto* const frame = telling_frame(sample);
    table.add_row()
        .set(total, sample.delay)
        .set(count, static_cast<std::int64_t>(sample.count))
        .set(function, frame == nullptr ? "(no stack)" : frame->function)
        .set(place, frame == nullptr ? std::string{} : fmt::format("{}:{}", frame->file, frame->line));
  }
  table.keep_first(top);
  return table;
}

}  // namespace

int run_report(const Options& options, Console& console) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  const analysis::AnalysisFolds folds([](const analysis::Vocabulary& vocabulary) {
    std::vector<std::unique_ptr<analysis::Analysis>> analyses;
    for (const Section& section : kSections) {
      analyses.push_back(std::make_unique<analysis::Profile>(section.kind, vocabulary));
    }
    return analyses;
  });
  const Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(path, pass_options, folds);
      });
  if (!result) return fail_reading(name, result.error(), options, console);

  std::vector<table::Table> tables;
  if (result->fold != nullptr) {
    auto& fold = static_cast<analysis::AnalysisFold&>(*result->fold);
    fold.finish(result->last_time);
    for (std::size_t i = 0; i < kSections.size(); i++) {
      const auto& profile = static_cast<const analysis::Profile&>(*fold.analyses()[i]);
      tables.push_back(table_of(kSections[i], profile, options.top));
    }
  }
  std::string& out = console.out().text();
  if (options.json) {
    base::JsonWriter json(out);
    json.begin_object();
    json.field("schema", "marey.report/1");
    json.field("marey", version());
    json.key("trace").begin_object();
    write_facts(json, name, *result);
    json.end_object();
    json.key("tables").begin_array();
    for (const table::Table& table : tables) table::write_json(json, table);
    json.end_array();
    json.end_object();
    out += '\n';
  } else {
    const bool color = wants_color(1, options.color);
    write_facts(out, name, *result, color);
    for (const table::Table& table : tables) {
      out += '\n';
      table::draw_text(out, table,
                       {.color = color,
                        .ascii = wants_ascii(),
                        .help = true,
                        .width = options.width != 0 ? options.width : terminal_width(1),
                        .time_origin = result->first_time});
    }
  }
  return judge_shown(name, *result, options, console);
}

}  // namespace marey::cli
