// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "marey/error.h"

#include "src/cli/command.h"
#include "src/cli/options.h"

namespace marey::cli {

/// Reads a command's arguments. Flags are understood as Go's flag package does, with one dash or
/// two: `-d=parsed`, `-d parsed`, `--d=parsed`, `-json`, `-json=false`; `--` ends them. Unlike
/// there, they may also stand behind the file.
///
/// Errors are of kind Usage: one line that names the closest valid spelling. Where help or the
/// version is asked for, the number of operands is not checked.
Result<Options> parse(const CommandSpec& command, std::span<const std::string_view> args);

/// The name in "--name=value", "-name" and "name".
std::string_view flag_name(std::string_view arg);

/// Whether an argument is -d or -pprof, which say what is printed as a command's name does.
bool is_mode_flag(std::string_view arg);

/// "'a', 'b' or 'c'", for messages.
std::string any_of(std::span<const std::string_view> words);

}  // namespace marey::cli
