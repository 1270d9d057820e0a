// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace marey::cli {

/// What the whole process needs before anything else: standard descriptors that are open, no death
/// by SIGPIPE, and a sentence instead of a crash when memory runs out.
void prepare_process();

/// Does what the command line (without the program's name) says and returns the exit status: 0
/// fine, 1 the trace is unusable or the system refused, 2 usage.
int run(std::span<const std::string_view> args);

}  // namespace marey::cli
