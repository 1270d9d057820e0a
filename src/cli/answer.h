// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "marey/error.h"

#include "src/analysis/analysis_fold.h"
#include "src/analysis/scope.h"
#include "src/cli/console.h"
#include "src/cli/options.h"

namespace marey::cli {

/// Makes analyses for a pass over what is in a scope, which outlives them.
using MakeScopedAnalyses = std::function<std::vector<std::unique_ptr<analysis::Analysis>>(
    const analysis::Vocabulary&, const analysis::Scope&)>;

/// Runs a command that answers a question: a pass over what the flags select with the analyses that
/// `make` makes, and their tables as text, JSON or CSV. `nothing`: what to say where the tables say
/// nothing. Returns the exit status.
int answer(const MakeScopedAnalyses& make, const Options& options, Console& console,
           std::string_view nothing = {});
/// The same with analyses that need not know the scope.
int answer(const analysis::AnalysisFolds::MakeAnalyses& make, const Options& options,
           Console& console, std::string_view nothing = {});

/// Says why a trace, or what the flags ask of it, cannot be read. Returns the exit status.
int fail_answer(std::string_view name, const Error& error, const Options& options,
                Console& console);

}  // namespace marey::cli
