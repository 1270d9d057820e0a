// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "src/analysis/vocabulary.h"

namespace marey::analysis {

/// Whether a wait is one of the garbage collector: of its own goroutines, or one that it imposes on
/// a goroutine of the program, as in the midst of an allocation. The runtime gives only some of
/// them a reason of their own; others, as those for its semaphores, are "sync" like the program's,
/// and only the stack tells. `stack`: where the goroutine is blocked.
bool is_collector_wait(const Vocabulary& vocabulary, std::string_view reason, StackNumber stack);

}  // namespace marey::analysis
