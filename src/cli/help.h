// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "src/cli/command.h"

namespace marey::cli {

/// What `marey help` shows.
std::string overview();

/// What `marey help COMMAND` shows.
std::string help_on(const CommandSpec& command);

/// Whether `marey help WORD` means the flags of go tool trace: "-d", "pprof", "-d=parsed".
bool is_about_go_trace(std::string_view word);

}  // namespace marey::cli
