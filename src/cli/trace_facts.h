// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "src/base/json_writer.h"
#include "src/index/pass.h"

namespace marey::cli {

/// "LABEL   CONTENT" lines, as those for people are shown.
void add_line(std::string& out, bool color, std::string_view label, std::string_view content);

/// What a trace is, as lines for people: versions, times, sizes, the number of events.
void write_facts(std::string& out, std::string_view name, const index::PassResult& result,
                 bool color);
/// Its health, as a line for people and one more for each kind of defect.
void write_health(std::string& out, const index::PassResult& result, bool color);

/// Both as the fields of a JSON object (see docs/commands.md).
void write_facts(base::JsonWriter& json, std::string_view name, const index::PassResult& result);

}  // namespace marey::cli
