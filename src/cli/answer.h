// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/analysis/analysis.h"
#include "src/analysis/analysis_fold.h"
#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/cli/trace_facts.h"
#include "src/index/pass.h"

namespace marey::cli {

/// Runs a command that answers a question: a pass over what the flags select with the analyses that
/// `make` makes, and their tables as text, JSON or CSV. Returns the exit status.
int answer(std::string_view question, const analysis::AnalysisFolds::MakeAnalyses& make,
           const Options& options, Console& console);
/// The same with those of analysis::analyses_of(question).
int answer(std::string_view question, const Options& options, Console& console);

}  // namespace marey::cli
