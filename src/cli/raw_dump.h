// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/cli/console.h"
#include "src/cli/options.h"

namespace marey::cli {

/// `-d=wire` and `-d=footprint`: the trace as it lies in the file, without order or repair. They
/// stop where Go's stop, and return the exit status.
int print_wire(const Options& options, Console& console);
int print_footprint(const Options& options, Console& console);

}  // namespace marey::cli
