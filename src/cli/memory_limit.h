// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/cli/options.h"

namespace marey::cli {

/// Makes the system refuse the process more memory of its own than `--memory` says. The last line
/// of defence behind `--memory`: the pass plans to stay below (see index::PassOptions), this makes
/// it certain. Mapped files do not count; the stacks of other threads do, as they are given out.
/// `threads`: whether there can be any. Without effect where the system has no such limit.
void limit_memory(const Options& options, bool threads);

/// What is wrong where `--memory` is too little, and what helps: for the end of a sentence.
std::string too_little_memory(const Options& options, bool threads);

/// The new-handler: a sentence about memory, and exit status 1. Threads may be at work, so that
/// nothing else is done.
[[noreturn]] void fail_for_memory();

}  // namespace marey::cli
