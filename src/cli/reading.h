// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "marey/event.h"

#include "src/cli/console.h"
#include "src/cli/options.h"

namespace marey::cli {

/// Reads the trace that `options` names from front to back and gives its events, some hundred at a
/// time, to `take`, which prints them; false: that is enough. Then says what is damaged, or in
/// strict mode, exactly what Go's reader says. Returns the exit status.
int read_events(const Options& options, Console& console,
                const std::function<bool(std::span<const Event>)>& take);

/// Waits until there is something to read, or the end, where `path` is standard input, and shows
/// that on a terminal. Opening a trace, which reads its header, would wait without a word.
void wait_for_input(const std::string& path);

/// The same sentence for every command that fails to read: in strict mode Go's message alone on
/// its line, else the file and what is wrong.
int fail_reading(std::string_view name, const Error& error, const Options& options,
                 Console& console);

/// What texts call `-`.
inline constexpr std::string_view kStandardInput = "standard input";

/// Whether the trace of `bytes` bytes that `path` leads to lies in a file as it is, so that its
/// length is known from the start; not so if it comes from a pipe or out of a decompressor.
bool is_plain_file(const std::string& path, std::uint64_t bytes);

/// What texts call the file: its path, or "standard input".
std::string display_name(const std::string& path);

}  // namespace marey::cli
