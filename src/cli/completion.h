// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace marey::cli {

/// Scripts that complete the commands, flags and choices of the table of commands, and files.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace marey::cli
