// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "marey/error.h"

#include "src/analysis/scope.h"
#include "src/cli/options.h"
#include "src/cli/rereading.h"

namespace marey::cli {

/// Whether narrow() reads the trace.
bool takes_pass_to_narrow(const Options& options);

/// Restricts a scope to the time of goroutines that --g, --func, --task and --region ask for; of
/// several of them to what all of them ask for. For all but --g it makes a pass over the trace.
/// Returns a sentence on why there is nothing of the kind in the trace; "": there is. Errors:
/// Usage; those of a pass.
Result<std::string> narrow(analysis::Scope& scope, RereadableInput& input, const Options& options);

}  // namespace marey::cli
