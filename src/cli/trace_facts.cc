// SPDX-License-Identifier: Apache-2.0
#include "src/cli/trace_facts.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

#include "marey/trace.h"

#include "src/base/format.h"
#include "src/base/quote.h"
#include "src/cli/health_text.h"
#include "src/cli/passing.h"
#include "src/cli/terminal.h"
#include "src/cli/totals.h"
#include "src/cli/values.h"
#include "src/cli/writers.h"
#include "src/export/event_text_time.h"
#include "src/table/ansi.h"
#include "src/table/cell.h"
#include "src/table/paragraph.h"

namespace marey::cli {
namespace {

std::string format_text(const TraceInfo& info) {
  std::string text = fmt::format("go 1.{} ({})", info.format, info.v1 ? "v1" : "v2");
  const std::vector<std::string_view> writers = writers_of(info.format);
  for (std::size_t i = 0; i < writers.size(); i++) {
    text += i == 0 ? ", written by Go " : i + 1 == writers.size() ? " or " : ", ";
    text += writers[i];
  }
  return text;
}

/// A duration rounded for people, and where that is less than all of it, all of it.
std::string duration_text(Duration duration) {
  std::string text = base::format_duration(duration);
  const std::optional<Moment> rounded = parse_moment(text);
  if (duration < 0 || (rounded && rounded->nanoseconds == duration)) return text;
  constexpr Duration kSecond = 1'000'000'000;
  std::string exact = fmt::format("{}.{:09}", duration / kSecond, duration % kSecond);
  exact.erase(exact.find_last_not_of('0') + 1);
  if (exact.ends_with('.')) exact.pop_back();
  return fmt::format("{} ({}s)", text, exact);
}

std::string health_text(const index::PassResult& result) {
  if (result.error) return result.error->message;
  const std::uint64_t defects = result.health.total();
  // In the words that judge_shown() has for it on standard error.
  if (useful_events(result) == 0 && result.health.whole()) return std::string(kNoEventsButSync);
  if (defects == 0) return "whole";
  if (result.health.whole()) return "whole, but:";
  return fmt::format("{} {}", base::format_count(static_cast<std::int64_t>(defects)),
                     defects == 1 ? "defect" : "defects");
}

/// The colour of what a trace suffers from; "": none.
std::string_view color_of(Severity severity) {
  switch (severity) {
    case Severity::Note: break;
    case Severity::Misuse: return table::kYellow;
    case Severity::Damage: return table::kRed;
  }
  return {};
}

/// Appends a paragraph, in `color` if there is one. `at`: its first column, see ParagraphPlace.
void append_sentence(std::string& out, const TextStyle& style, std::string_view text,
                     std::size_t at, std::size_t indent, std::string_view color = {}) {
  std::string escaped;
  base::append_escaped(escaped, text);
  table::append_paragraph(out, escaped, {.at = at, .indent = indent, .width = style.width},
                          style.color ? color : std::string_view());
}

void add_line(std::string& out, const TextStyle& style, std::string_view label,
              std::string_view content, std::string_view color) {
  constexpr std::size_t kWidth = 13;
  table::append_styled(out, style.color, table::kBold, label);
  out.append(kWidth - label.size(), ' ');
  append_sentence(out, style, content, kWidth, kWidth, color);
}

}  // namespace

TextStyle text_style(const Options& options) {
  return {.color = wants_color(STDOUT_FILENO, options.color),
          .width = options.width != 0 ? options.width : terminal_width(STDOUT_FILENO)};
}

void write_facts(std::string& out, std::span<const Fact> facts, const TextStyle& style) {
  for (const Fact& fact : facts) add_line(out, style, fact.label, fact.content, {});
}

void write_sentence(std::string& out, std::string_view text, const TextStyle& style) {
  append_sentence(out, style, text, 0, 0, table::kDim);
}

void write_facts(base::JsonWriter& json, std::string_view name, const index::PassResult& result) {
  const TraceInfo& info = result.info;
  const EventCounts counts = counts_of(result);
  json.field("file", name);
  json.field("bytes", info.bytes);
  json.key("format").begin_object();
  json.field("header", std::string_view(fmt::format("go 1.{}", info.format)));
  json.field("generation", info.v1 ? "v1" : "v2");
  json.field("known", info.known_format);
  json.key("written_by").begin_array();
  for (const std::string_view writer : writers_of(info.format)) json.value(writer);
  json.end_array();
  json.end_object();
  json.key("wall_start");
  if (result.wall_start) {
    std::string time;
    exporting::append_wall_time(time, result.wall_start->seconds, result.wall_start->nanoseconds,
                                exporting::Zone::UTC);
    json.value(std::string_view(time));
  } else {
    json.null();
  }
  json.field("first_time", result.first_time);
  json.field("last_time", result.last_time);
  json.field("duration", duration_of(result));
  json.field("generations", result.generations);
  json.field("events", result.events);
  json.key("events_by_kind");
  write_json(json, counts.kinds());
  json.key("events_by_type");
  write_json(json, counts.types());
  json.key("health");
  write_json(json, result.health, !result.error);
  json.key("error");
  if (result.error) {
    json.value(std::string_view(result.error->message));
  } else {
    json.null();
  }
}

std::vector<Fact> facts_of(std::string_view name, const index::PassResult& result) {
  const TraceInfo& info = result.info;
  const auto count = [](std::uint64_t n) {
    return base::format_count(static_cast<std::int64_t>(n));
  };
  std::vector<Fact> facts{{"trace", std::string(name)}, {"format", format_text(info)}};
  if (result.wall_start) {
    std::string time;
    exporting::append_wall_time(time, result.wall_start->seconds, result.wall_start->nanoseconds,
                                exporting::Zone::Local);
    facts.push_back({"started", std::move(time)});
  }
  if (useful_events(result) > 0) {
    facts.push_back({"duration", duration_text(duration_of(result))});
  }
  facts.push_back(
      {"size", fmt::format("{} ({} bytes)", base::format_bytes(info.bytes), count(info.bytes))});
  if (!info.v1) facts.push_back({"generations", count(result.generations)});
  facts.push_back({"events", count(result.events)});
  return facts;
}

HealthFacts health_facts(const index::PassResult& result) {
  HealthFacts facts;
  facts.summary = health_text(result);
  if (result.error) facts.worst = Severity::Damage;
  for (std::size_t i = 0; i < kDefectCount; i++) {
    const auto defect = static_cast<Defect>(i);
    if (result.health.of(defect).count == 0) continue;
    const Severity severity = spec_of(defect).severity;
    facts.worst = std::max(facts.worst, std::optional(severity));
    facts.defects.push_back({severity, defect_line(defect, result.health)});
  }
  if (result.health.guessed_events() == 0) return facts;
  const auto guessed = static_cast<std::int64_t>(result.health.guessed_events());
  facts.guesses = fmt::format(
      "The place in time of {} {} is a guess, from {} on: between guesses nothing is measured, and "
      "charts are in doubt.",
      base::format_count(guessed), guessed == 1 ? "event" : "events",
      table::cell_text(table::ColumnType::Time, result.health.first_guess(),
                       {.time_origin = result.first_time, .ascii = wants_ascii()}));
  return facts;
}

void write_health(std::string& out, const index::PassResult& result, const TextStyle& style) {
  constexpr std::size_t kIndent = 2;
  const HealthFacts facts = health_facts(result);
  add_line(out, style, "health", facts.summary,
           facts.worst ? color_of(*facts.worst) : std::string_view());
  for (const HealthFacts::Line& line : facts.defects) {
    out.append(kIndent, ' ');
    const std::string_view color = color_of(line.severity);
    const std::string head = fmt::format("{}:", name_of(line.severity));
    table::append_styled(out, style.color && !color.empty(), color, head);
    out += ' ';
    append_sentence(out, style, line.text, kIndent + head.size() + 1, 2 * kIndent);
  }
  if (facts.guesses.empty()) return;
  out.append(kIndent, ' ');
  append_sentence(out, style, facts.guesses, kIndent, 2 * kIndent);
}

}  // namespace marey::cli
