// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "marey/error.h"

#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/index/pass.h"

namespace marey::cli {

/// Runs a pass with what the flags say, and shows how far it is.
Result<index::PassResult> run_with_progress(
    const Options& options,
    const std::function<Result<index::PassResult>(const index::PassOptions&)>& run);

/// The exit status of a command after its pass: says where it stopped, in strict mode with Go's
/// message, or what is damaged.
int judge(std::string_view name, const index::PassResult& result, const Options& options,
          Console& console);

/// The same of a command that has shown the health itself: only a trace that is of no use is
/// complained about.
int judge_shown(std::string_view name, const index::PassResult& result, const Options& options,
                Console& console);

/// From the first event to the last, in nanoseconds.
Duration duration_of(const index::PassResult& result);

/// How many events there were that are not Sync events.
std::uint64_t useful_events(const index::PassResult& result);

}  // namespace marey::cli
