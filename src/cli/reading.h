// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include "marey/event.h"

#include "src/cli/console.h"
#include "src/cli/options.h"

namespace marey::cli {

/// Reads the trace that `options` names from front to back and gives its events, some hundred at a
/// time, to `take`, which prints them; false: that is enough. Then says what is damaged, or in
/// strict mode, exactly what Go's reader says. Returns the exit status.
int read_events(const Options& options, Console& console,
                const std::function<bool(std::span<const Event>)>& take);

/// The same sentence for every command that fails to read: in strict mode Go's message alone on
/// its line, else the file and what is wrong.
int fail_reading(std::string_view name, const Error& error, const Options& options,
                 Console& console);

/// What texts call the file: its path, or "standard input".
std::string display_name(const std::string& path);

}  // namespace marey::cli
