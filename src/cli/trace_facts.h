// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/base/json_writer.h"
#include "src/cli/options.h"
#include "src/index/pass.h"

namespace marey::cli {

/// How text for people is drawn.
struct TextStyle {
  bool color = false;
  std::size_t width = 0;  ///< columns; 0: as wide as it gets
};
/// What the flags and standard output ask for. Only a terminal or --width limit the width.
TextStyle text_style(const Options& options);

/// "LABEL   CONTENT" lines, as those for people are shown.
void add_line(std::string& out, const TextStyle& style, std::string_view label,
              std::string_view content);

/// A sentence in lines of its own.
void write_sentence(std::string& out, std::string_view text, const TextStyle& style);

/// What a trace is, as lines for people: versions, times, sizes, the number of events.
void write_facts(std::string& out, std::string_view name, const index::PassResult& result,
                 const TextStyle& style);
/// Its health, as a line for people and one more for each kind of defect.
void write_health(std::string& out, const index::PassResult& result, const TextStyle& style);

/// Both as the fields of a JSON object (see docs/commands.md).
void write_facts(base::JsonWriter& json, std::string_view name, const index::PassResult& result);

}  // namespace marey::cli
