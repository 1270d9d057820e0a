// SPDX-License-Identifier: Apache-2.0
#include "src/cli/answer.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "marey/trace.h"

#include "src/analysis/analyses.h"
#include "src/analysis/goroutine_sightings.h"
#include "src/base/json_writer.h"
#include "src/cli/command.h"
#include "src/cli/passing.h"
#include "src/cli/reading.h"
#include "src/cli/selection.h"
#include "src/cli/tables.h"
#include "src/cli/time_range.h"
#include "src/table/csv.h"
#include "src/table/json.h"

namespace marey::cli {
namespace {

/// What the analyses find in a trace without events: tables that have columns only.
analysis::Findings empty_findings(const MakeScopedAnalyses& make) {
  const analysis::Vocabulary vocabulary;
  const analysis::Scope scope;
  analysis::Findings findings;
  for (const auto& analysis : make(vocabulary, scope)) {
    analysis->finish({0, 0, vocabulary}, findings);
  }
  return findings;
}

void write_json(Output& output, std::string_view question, std::string_view name,
                const index::PassResult& result, const analysis::Scope& scope,
                const analysis::Findings& findings) {
  base::JsonWriter json(output.text());
  json.begin_object();
  json.field("schema", "marey.answer/1");
  json.field("marey", version());
  json.field("question", question);
  json.key("trace").begin_object();
  write_facts(json, name, result);
  json.end_object();
  write_range(json, scope, result);
  json.key("tables").begin_array();
  for (const table::Table& table : findings.tables) {
    table::write_json(json, table, [&output] { output.relieve(); });
  }
  json.end_array();
  json.key("charts").begin_array();
  for (const table::Chart& chart : findings.charts) table::write_json(json, chart);
  json.end_array();
  json.end_object();
  output.text() += '\n';
}

/// One table is all that CSV has room for: the first, if --table does not say which.
void write_csv(Output& output, const analysis::Findings& findings) {
  if (findings.tables.empty()) return;
  table::write_csv(output.text(), findings.tables.front(), [&output] { output.relieve(); });
}

bool is_blank(const table::Table& table) { return table.is_blank(); }

/// What to say where a question's tables say nothing; "": they may be empty for many reasons.
std::string_view nothing_for(std::string_view question) {
  if (question == "tasks") return "there are no tasks here";
  if (question == "regions") return "there are no regions here";
  if (question == "stw") return "the world was never stopped here";
  if (question == "gc") return "there was no garbage collection here";
  return {};
}

/// "goroutines 7, 9 here; ..."
std::string these_here(std::span<const GoID> goroutines) {
  std::vector<std::int64_t> ids;
  ids.reserve(goroutines.size());
  for (const GoID goroutine : goroutines) ids.push_back(raw(goroutine));
  return fmt::format("goroutine{} {} here; 'marey goroutines --each' lists all that there are",
                     ids.size() > 1 ? "s" : "", fmt::join(ids, ", "));
}

/// "" where none were asked for.
std::string nothing_of(std::span<const GoID> goroutines) {
  if (goroutines.empty()) return {};
  return fmt::format("there is nothing to tell of {}", these_here(goroutines));
}

/// "" where all are there.
std::string none_of(std::span<const GoID> goroutines) {
  if (goroutines.empty()) return {};
  return fmt::format("there {} no {}", goroutines.size() > 1 ? "are" : "is",
                     these_here(goroutines));
}

/// Whether it takes nothing more to learn which goroutines there are.
bool looks_at_goroutines(const MakeScopedAnalyses& make) {
  const analysis::Vocabulary vocabulary;
  const analysis::Scope scope;
  return std::ranges::any_of(make(vocabulary, scope), [](const auto& analysis) {
    return !analysis->interests().states.empty();
  });
}

}  // namespace

int fail_answer(std::string_view name, const Error& error, const Options& options,
                Console& console) {
  if (error.kind != ErrorKind::Usage) return fail_reading(name, error, options, console);
  return console.fail_usage(error.message, fmt::format("marey help {}", options.command));
}

int answer(const analysis::AnalysisFolds::MakeAnalyses& make, const Options& options,
           Console& console, std::string_view nothing) {
  return answer([&make](const analysis::Vocabulary& vocabulary,
                        const analysis::Scope&) { return make(vocabulary); },
                options, console, nothing);
}

int answer(const MakeScopedAnalyses& make, const Options& options, Console& console,
           std::string_view nothing) {
  const std::string_view question = options.command;
  const std::string name = display_name(options.operands.back());
  if (options.json && options.csv) {
    const Error error{ErrorKind::Usage,
                      "--json and --csv are two forms of an answer; give one of them"};
    return fail_answer(name, error, options, console);
  }
  // What makes no sense is said before a long pass, not behind it.
  analysis::Findings findings = empty_findings(make);
  if (Result<bool> arranged = arrange(findings, options); !arranged) {
    return fail_answer(name, arranged.error(), options, console);
  }
  Result<Selection> selection = Selection::of(options);
  if (!selection) return fail_answer(name, selection.error(), options, console);
  const analysis::Scope& scope = selection->scope();
  const bool looks_for_goroutines = !options.goroutines.empty() && looks_at_goroutines(make);
  const analysis::AnalysisFolds folds(
      [&](const analysis::Vocabulary& vocabulary) {
        auto analyses = make(vocabulary, scope);
        if (looks_for_goroutines) {
          analyses.push_back(std::make_unique<analysis::GoroutineSightings>(options.goroutines));
        }
        return analyses;
      },
      scope);
  const Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(selection->path(), pass_options, folds);
      });
  if (!result) return fail_reading(name, result.error(), options, console);

  std::vector<GoID> missing;
  bool rows_left_out = false;
  if (result->fold != nullptr) {
    auto& fold = static_cast<analysis::AnalysisFold&>(*result->fold);
    findings = fold.finish(*result);
    rows_left_out = arrange(findings, options).value_or(false);
    if (looks_for_goroutines) {
      missing = static_cast<const analysis::GoroutineSightings&>(*fold.analyses().back()).missing();
    }
  }
  if (options.json) {
    write_json(console.out(), question, name, *result, scope, findings);
  } else if (options.csv) {
    write_csv(console.out(), findings);
  } else {
    write_text(console.out().text(), findings, *result, rows_left_out, options);
  }
  const int status = judge(name, *result, options, console);
  std::string why = selection->remark(*result);
  if (why.empty() && std::ranges::all_of(findings.tables, &is_blank)) {
    why = nothing.empty() ? nothing_of(options.goroutines) : nothing;
  }
  if (why.empty()) why = none_of(missing);
  if (status == kExitOk && !why.empty()) console.say(fmt::format("{}: {}", name, why));
  return status;
}

int run_answer(const Options& options, Console& console) {
  return answer(
      [&](const analysis::Vocabulary& vocabulary, const analysis::Scope& scope) {
        return analysis::analyses_of(options.command, vocabulary, scope);
      },
      options, console, nothing_for(options.command));
}

}  // namespace marey::cli
