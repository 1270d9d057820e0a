// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/cli/command.h"

namespace marey::cli {

/// What `marey help` shows.
std::string overview();

/// What `marey help COMMAND` shows.
std::string help_on(const CommandSpec& command);

}  // namespace marey::cli
