// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>

#include "marey/error.h"

#include "src/analysis/analysis.h"
#include "src/cli/options.h"
#include "src/cli/trace_facts.h"
#include "src/index/pass.h"

namespace marey::cli {

/// How many rows a table that is no summary is to have; nothing: all.
std::optional<unsigned> wanted_rows(const Options& options);

/// Does what --table, --sort and --top ask for; returns whether --top left out rows. Errors: Usage
/// where there is no such table or column.
Result<bool> arrange(analysis::Findings& findings, const Options& options);

/// Charts and tables for people, those without content in one sentence at the end, and which flags
/// show what is left out.
void write_text(std::string& out, const analysis::Findings& findings,
                const index::PassResult& result, bool rows_left_out, const Options& options);

}  // namespace marey::cli
