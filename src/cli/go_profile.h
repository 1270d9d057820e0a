// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/cli/console.h"
#include "src/cli/options.h"

namespace marey::cli {

/// `-pprof=TYPE`: a gzipped pprof profile to standard output. Returns the exit status.
int print_profile(const Options& options, Console& console);

}  // namespace marey::cli
