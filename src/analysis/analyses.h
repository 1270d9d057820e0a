// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"
#include "src/analysis/stuck_procs.h"
#include "src/analysis/tasks.h"

namespace marey::analysis {

/// Everything that a report asks of a trace, or of the range of a scope, in the order of its
/// tables. The first one counts.
std::vector<std::unique_ptr<Analysis>> report_analyses(const Vocabulary& vocabulary,
                                                       const Scope& scope);

/// Those of a question that a command asks, by the command's name: "latency". None for others.
/// `scope` is that of the pass, and must outlive them.
std::vector<std::unique_ptr<Analysis>> analyses_of(std::string_view question,
                                                   const Vocabulary& vocabulary,
                                                   const Scope& scope);
/// Those of "procs"; `stuck`: from how long on a proc counts as stuck, ns.
std::vector<std::unique_ptr<Analysis>> proc_analyses(const Vocabulary& vocabulary, Duration stuck);
/// Those of "tasks" if it is about some tasks: `scope` is that of the pass, and must outlive them.
std::vector<std::unique_ptr<Analysis>> task_analyses(const Vocabulary& vocabulary,
                                                     const Scope& scope, Tasks::Detail detail);
/// All names that analyses_of() knows.
std::vector<std::string_view> questions();

}  // namespace marey::analysis
