// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/cpu_functions.h"

#include <utility>

#include "src/analysis/profile_tables.h"

namespace marey::analysis {

void CPUFunctions::finish(const TraceContext&, Findings& findings) {
  table::Table table = profile_top(profile_.samples());
  table.rename("cpu", "CPU samples by function",
               "The samples of the CPU profile that the program took while it was traced, by the "
               "innermost function, the most first; each stands for 10 ms on a CPU.");
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
