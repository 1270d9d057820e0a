// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/profile.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/cpu_profile.h"
#include "src/analysis/profile_tables.h"
#include "src/analysis/time_profile.h"
#include "src/cli/answer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/output_file.h"
#include "src/cli/passing.h"
#include "src/cli/profile_encoding.h"
#include "src/cli/reading.h"
#include "src/cli/selection.h"
#include "src/cli/suggest.h"

namespace marey::cli {
namespace {

struct Kind {
  std::string_view name;
  std::string_view content;  ///< what it counts, for "the trace has no ..."
  ProfileValues values;
};
constexpr std::array<Kind, 7> kKinds{{
    {"sched", "finished waits to run", {}},
    {"net", "finished waits for the network", {}},
    {"sync", "finished waits for channels, locks or select", {}},
    {"syscall", "finished system calls", {}},
    {"cpu", "CPU profile samples", {"samples", "cpu"}},
    {"wall", "time of goroutines", {"stays", "time"}},
    {"offcpu", "time of goroutines that do not run", {"stays", "time"}},
}};

std::unique_ptr<analysis::ProfileAnalysis> make_analysis(const Kind& kind, bool goroutines,
                                                         const analysis::Vocabulary& vocabulary) {
  using analysis::TimeProfile;
  if (const auto of_go = analysis::profile_kind(kind.name)) {
    return std::make_unique<analysis::Profile>(*of_go, vocabulary);
  }
  if (kind.name == "cpu") return std::make_unique<analysis::CPUProfile>(goroutines, vocabulary);
  return std::make_unique<TimeProfile>(
      kind.name == "wall" ? TimeProfile::Kind::Wall : TimeProfile::Kind::OffCPU, goroutines,
      vocabulary);
}

std::unexpected<Error> usage(std::string message) {
  return std::unexpected(Error{ErrorKind::Usage, std::move(message)});
}

/// Flags that the form of the profile has no use for.
Result<void> check_flags(const Options& options) {
  const bool is_tree = options.format == "tree";
  const bool is_table = options.format.empty() || options.format == "top" || is_tree;
  if (is_table) {
    if (!options.output_path.empty()) {
      return usage("--output is for --format folded and pprof; tables go to standard output");
    }
    if (is_tree && !options.sort.empty()) {
      return usage(
          "a tree cannot be sorted, since calls stand below their callers; --format top "
          "can");
    }
    return {};
  }
  const std::array<std::pair<std::string_view, bool>, 5> others{
      {{"--json", options.json},
       {"--csv", options.csv},
       {"--table", !options.table.empty()},
       {"--sort", !options.sort.empty()},
       {"--top", options.top.has_value()}}};
  for (const auto& [flag, is_given] : others) {
    if (is_given) {
      return usage(
          fmt::format("--format {} is no table, which {} is for; --format top and tree are",
                      options.format, flag));
    }
  }
  return {};
}

/// Writes to --output or standard output. Returns the exit status.
int write_profile(std::string_view content, const Options& options, Console& console) {
  if (options.output_path.empty()) {
    console.out().add(content);
    return kExitOk;
  }
  const Result<void> written = write_file(options.output_path, content);
  return written ? kExitOk : console.fail("", written.error());
}

}  // namespace

std::vector<std::string_view> profile_kinds() {
  std::vector<std::string_view> names;
  names.reserve(kKinds.size());
  for (const Kind& kind : kKinds) names.push_back(kind.name);
  return names;
}

int run_profile(const Options& options, Console& console) {
  const Kind& kind = *std::ranges::find(kKinds, options.operands[0], &Kind::name);
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  if (const Result<void> good = check_flags(options); !good) {
    return fail_answer("", good.error(), options, console);
  }
  const bool is_pprof = options.format == "pprof";
  if (is_pprof && options.output_path.empty() && console.out_is_terminal()) {
    return console.fail_usage(
        fmt::format("a profile is binary and not for a terminal; write it to a file: `marey "
                    "profile {0} --format pprof -o {0}.pprof {1}`",
                    kind.name, file_argument(path)),
        "marey help profile");
  }
  if (options.format.empty() || options.format == "top" || options.format == "tree") {
    return answer(
        [&](const analysis::Vocabulary& vocabulary) {
          std::vector<std::unique_ptr<analysis::Analysis>> analyses;
          analyses.push_back(std::make_unique<analysis::ProfileTables>(
              make_analysis(kind, false, vocabulary), options.format == "tree"));
          return analyses;
        },
        options, console, fmt::format("the profile is empty: there are no {} here", kind.content));
  }
  if (!options.output_path.empty()) {
    const Result<void> good = check_output_file(options.output_path, path);
    if (!good) return fail_answer("", good.error(), options, console);
  }
  Result<Selection> selection = Selection::of(options);
  if (!selection) return fail_answer(name, selection.error(), options, console);
  const analysis::AnalysisFolds folds(
      [&](const analysis::Vocabulary& vocabulary) {
        std::vector<std::unique_ptr<analysis::Analysis>> analyses;
        analyses.push_back(make_analysis(kind, is_pprof, vocabulary));
        return analyses;
      },
      selection->scope());
  const Result<index::PassResult> result =
      run_with_progress(options, [&](const index::PassOptions& pass_options) {
        return index::run_pass(selection->path(), pass_options, folds);
      });
  if (!result) return fail_reading(name, result.error(), options, console);
  std::vector<analysis::ProfileSample> samples;
  if (result->fold != nullptr) {
    auto& fold = static_cast<analysis::AnalysisFold&>(*result->fold);
    fold.finish(analysis::Ending(result->last_time, result->known_until));
    samples = static_cast<const analysis::ProfileAnalysis&>(*fold.analyses()[0]).samples();
  }
  int status = judge(name, *result, options, console);
  if (useful_events(*result) == 0) return status;
  std::string content;
  if (is_pprof) {
    Result<std::string> profile = encode_profile(samples, kind.values);
    if (!profile) return console.fail(name, profile.error());
    content = std::move(*profile);
  } else {
    content = analysis::folded_stacks(samples);
  }
  if (const int written = write_profile(content, options, console); written != kExitOk) {
    return written;
  }
  std::string remark = selection->remark(*result);
  if (remark.empty() && samples.empty()) {
    remark = fmt::format("the profile is empty: there are no {} here", kind.content);
  }
  if (!remark.empty() && status == kExitOk) console.say(fmt::format("{}: {}", name, remark));
  return status;
}

}  // namespace marey::cli
