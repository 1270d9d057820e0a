// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "marey/error.h"

namespace marey::cli {

/// Whether a command that reads `input` may write `path` in the end; to be asked before its work.
/// Errors: Usage where it is the input itself; System where there is no such folder.
Result<void> check_output_file(const std::string& path, const std::string& input);

/// Writes a file as a whole or not at all: under another name beside it, which then takes its
/// place. A link stays one; what is no plain file (a pipe, a terminal) is written to. Errors:
/// System.
Result<void> write_file(const std::string& path, std::string_view content);

}  // namespace marey::cli
