// SPDX-License-Identifier: Apache-2.0
#include "src/cli/passing.h"

#include <cstdint>

#include "src/cli/command.h"
#include "src/cli/health_text.h"
#include "src/cli/progress.h"
#include "src/cli/reading.h"
#include "src/cli/totals.h"

namespace marey::cli {

Result<index::PassResult> run_with_progress(
    const Options& options,
    const std::function<Result<index::PassResult>(const index::PassOptions&)>& run) {
  // Such a command prints when the pass is over, so that the line is in nobody's way.
  Progress progress(true);
  index::PassOptions pass_options;
  pass_options.strict = options.strict;
  pass_options.threads = options.threads;
  pass_options.memory = options.memory;
  pass_options.progress = [&](std::uint64_t done, std::uint64_t total) {
    // Of a stream, the total is no more than what has come so far.
    if (!progress.due()) return;
    progress.update(done, is_plain_file(options.operands.back(), total) ? total : 0);
  };
  return run(pass_options);
}

std::uint64_t useful_events(const index::PassResult& result) {
  return result.events - counts_of(result).of(EventKind::Sync);
}

Duration duration_of(const index::PassResult& result) {
  Duration duration = 0;
  // Damaged traces have any times.
  if (__builtin_sub_overflow(result.last_time, result.first_time, &duration)) return 0;
  return duration;
}

int judge(std::string_view name, const index::PassResult& result, const Options& options,
          Console& console) {
  if (result.error) return fail_reading(name, *result.error, options, console);
  if (options.strict) return kExitOk;
  return report_health(name, result.health, useful_events(result), console);
}

int judge_shown(std::string_view name, const index::PassResult& result, const Options& options,
                Console& console) {
  if (result.error) return fail_reading(name, *result.error, options, console);
  if (options.strict || useful_events(result) > 0) return kExitOk;
  return report_health(name, result.health, 0, console);
}

}  // namespace marey::cli
