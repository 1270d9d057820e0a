// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "src/analysis/analysis.h"

namespace marey::analysis {

/// Everything that a report asks of a trace, in the order of its tables. The first one counts.
std::vector<std::unique_ptr<Analysis>> report_analyses(const Vocabulary& vocabulary);

}  // namespace marey::analysis
