// SPDX-License-Identifier: Apache-2.0
#include "src/cli/passing.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "src/base/thread.h"
#include "src/cli/command.h"
#include "src/cli/health_text.h"
#include "src/cli/progress.h"
#include "src/cli/reading.h"
#include "src/cli/totals.h"

namespace marey::cli {

Result<index::PassResult> run_with_progress(
    const Options& options,
    const std::function<Result<index::PassResult>(const index::PassOptions&)>& run) {
  wait_for_input(options.operands.back());
  // Such a command prints when the pass is over, so that the line is in nobody's way.
  Progress progress(true);
  std::mutex mutex;  // of what follows, and of the line
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  const auto draw = [&] {
    if (!progress.due()) return;
    // Of a stream, the total is no more than what has come so far.
    progress.update(done, is_plain_file(options.operands.back(), total) ? total : 0);
  };
  index::PassOptions pass_options;
  pass_options.strict = options.strict;
  pass_options.threads = options.threads;
  pass_options.memory = options.memory;
  pass_options.progress = [&](std::uint64_t done_now, std::uint64_t total_now) {
    const std::scoped_lock lock(mutex);
    done = done_now;
    total = total_now;
    draw();
  };
  // A pass tells when a generation is over, and a trace may have one only. Where memory is bounded,
  // there may be none for a thread's stack.
  std::optional<std::jthread> clock;
  if (progress.on() && options.memory == 0) {
    clock = base::start_thread([&](const std::stop_token& stop) {
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      while (!never.wait_for(lock, stop, std::chrono::milliseconds(100),
                             [&stop] { return stop.stop_requested(); })) {
        draw();
      }
    });
  }
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
