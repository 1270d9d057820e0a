// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace marey::cli {

/// Makes the system refuse the process more than `bytes` of memory of its own beyond what it has
/// now. The last line of defence behind `--memory`: the pass plans to stay below (see
/// index::PassOptions), this makes it certain. Mapped files do not count, nor do the stacks of
/// `threads` more threads, which are given out as addresses, not as memory. Without effect where
/// the system has no such limit.
void limit_memory(std::uint64_t bytes, unsigned threads);

/// The new-handler: a sentence about memory, and exit status 1. Threads may be at work, so that
/// nothing else is done.
[[noreturn]] void fail_for_memory();

}  // namespace marey::cli
