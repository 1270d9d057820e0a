// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "src/analysis/analysis.h"
#include "src/analysis/analysis_fold.h"
#include "src/analysis/scope.h"
#include "src/base/json_writer.h"
#include "src/index/pass.h"

namespace marey::analysis {

/// How much of everything there is in a trace, or in a range of its time.
struct ReportCounts {
  std::uint64_t goroutines = 0;          ///< distinct ids
  std::uint64_t goroutines_created = 0;  ///< creations; calls from C use ids again
  std::uint64_t goroutines_most = 0;     ///< alive at the same time, at most
  std::uint64_t procs = 0;               ///< that ran
  std::uint64_t gomaxprocs = 0;          ///< its last value; 0: the trace does not tell
  std::uint64_t threads = 0;             ///< that wrote events
  std::uint64_t gc_cycles = 0;           ///< mark phases, with those cut by the trace's ends
  std::uint64_t tasks = 0;               ///< that began in the trace; regions, too
  std::uint64_t regions = 0;
  std::uint64_t logs = 0;
  std::uint64_t cpu_samples = 0;
};

/// What a trace has in it and what stands out: the same for the terminal, JSON and the web page.
/// docs/report-schema.md documents its JSON.
struct Report {
  ReportCounts counts;
  Findings findings;
};

/// Folds for run_pass() that a report can be made of. `scope`: all goroutines, in a range of time.
AnalysisFolds report_folds(const Scope& scope = {});

/// The report after a pass with report_folds(). `fold`: of the whole trace, nullptr if nothing
/// could be read of it; used up.
Report make_report(const index::PassResult& result, AnalysisFold* fold);

/// Writes the report's fields ("counts", "tables", "charts") into an object that has been begun.
void write_json(base::JsonWriter& json, const Report& report);

}  // namespace marey::analysis
