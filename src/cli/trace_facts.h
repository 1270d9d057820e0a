// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "src/base/json_writer.h"
#include "src/index/pass.h"

namespace marey::cli {

/// What a trace is, and its health, as lines for people: what `marey info` shows and `marey report`
/// begins with.
void write_facts(std::string& out, std::string_view name, const index::PassResult& result,
                 bool color);
/// The same as the fields of a JSON object (see docs/commands.md).
void write_facts(base::JsonWriter& json, std::string_view name, const index::PassResult& result);

}  // namespace marey::cli
