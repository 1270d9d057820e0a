// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "marey/health.h"

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

/// Something about a trace, for people.
struct Fact {
  std::string_view label;
  std::string content;
};
/// As "LABEL   CONTENT" lines.
void write_facts(std::string& out, std::span<const Fact> facts, const TextStyle& style);

/// A sentence in lines of its own.
void write_sentence(std::string& out, std::string_view text, const TextStyle& style);

/// What a trace is: versions, times, sizes, the number of events.
std::vector<Fact> facts_of(std::string_view name, const index::PassResult& result);

/// What a trace suffers from, for people.
struct HealthFacts {
  struct Line {
    Severity severity;
    std::string text;
  };
  std::string summary;            ///< "whole", "3 defects", or why it was not read to the end
  std::optional<Severity> worst;  ///< nothing: there is nothing to say
  std::vector<Line> defects;      ///< one for each kind
  std::string guesses;            ///< a sentence on times that are guesses; "": there are none
};
HealthFacts health_facts(const index::PassResult& result);
/// The same, as a line for people and one more for each kind of defect.
void write_health(std::string& out, const index::PassResult& result, const TextStyle& style);

/// Facts and health as the fields of a JSON object (see docs/commands.md).
void write_facts(base::JsonWriter& json, std::string_view name, const index::PassResult& result);

}  // namespace marey::cli
