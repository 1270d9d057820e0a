// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/analysis/report.h"
#include "src/cli/trace_facts.h"
#include "src/index/pass.h"

namespace marey::cli {

/// The report as a page of less than kMostPageBytes, that needs no other file. `file`: what the
/// commands in it call the trace. `range`: which time of the trace it is about; "": all.
/// `facts`: of the trace, and how much of everything there is.
std::string report_page(std::string_view name, std::string_view file,
                        const index::PassResult& result, std::string_view range,
                        std::span<const Fact> facts, const analysis::Findings& findings);

inline constexpr std::size_t kMostPageBytes = 2'000'000;

}  // namespace marey::cli
