// SPDX-License-Identifier: Apache-2.0
#include "src/cli/go_profile.h"

#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/analysis_fold.h"
#include "src/analysis/profile.h"
#include "src/cli/command.h"
#include "src/cli/passing.h"
#include "src/cli/profile_encoding.h"
#include "src/cli/reading.h"
#include "src/cli/suggest.h"
#include "src/cli/whole_generations.h"

namespace marey::cli {
namespace {

/// What a pass has folded.
std::vector<analysis::ProfileSample> samples_of(const index::PassResult& result) {
  if (result.fold == nullptr) return {};
  const auto fold = static_cast<WholeGenerations&>(*result.fold).take(result);
  if (fold == nullptr) return {};
  auto& analyses = static_cast<analysis::AnalysisFold&>(*fold);
  analyses.finish(analysis::Ending(result.last_time, result.known_until));
  return static_cast<const analysis::Profile&>(*analyses.analyses()[0]).samples();
}

/// What a profile counts.
std::string_view content_of(analysis::ProfileKind kind) {
  switch (kind) {
    case analysis::ProfileKind::Net: return "waits for the network";
    case analysis::ProfileKind::Sync: return "waits for channels, locks or select";
    case analysis::ProfileKind::Syscall: return "system calls";
    case analysis::ProfileKind::Sched: return "waits to run";
  }
  return "waits";
}

}  // namespace

int print_profile(const Options& options, Console& console) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  if (console.out_is_terminal()) {
    return console.fail_usage(
        fmt::format("a profile is binary and not for a terminal; write it to a file: "
                    "`marey -pprof={0} {1} > {0}.pprof`",
                    options.pprof, file_argument(path)),
        kHelpOnModes);
  }
  const analysis::ProfileKind kind = *analysis::profile_kind(options.pprof);
  const analysis::AnalysisFolds folds([kind](const analysis::Vocabulary& vocabulary) {
    std::vector<std::unique_ptr<analysis::Analysis>> analyses;
    analyses.push_back(std::make_unique<analysis::Profile>(kind, vocabulary));
    return analyses;
  });
  const WholeGenerationsMaker maker(folds);
  const Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(path, pass_options, maker);
      });
  if (!result) return fail_reading(name, result.error(), options, console);
  // As Go's tool: of a trace that cannot be read to its end, the profile of what is before.
  const int status = judge(name, *result, options, console);
  if (useful_events(*result) == 0) return kExitFailure;
  if (status != kExitOk && !options.strict) return status;
  const std::vector<analysis::ProfileSample> samples = samples_of(*result);
  const Result<std::string> profile = encode_profile(samples, {});
  if (!profile) return console.fail(name, profile.error());
  console.out().add(*profile);
  // Go's tool writes an empty profile, too. Its verdict stays the last word.
  if (samples.empty() && status == kExitOk) {
    console.say(fmt::format(
        "{}: the profile is empty: {} no finished {}", name,
        result->health.damaged() ? "what damage has left of the trace has" : "the trace has",
        content_of(kind)));
  }
  return kExitOk;
}

}  // namespace marey::cli
