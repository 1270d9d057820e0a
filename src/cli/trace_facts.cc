// SPDX-License-Identifier: Apache-2.0
#include "src/cli/trace_facts.h"

#include <cstdint>
#include <fmt/format.h>
#include <vector>

#include "marey/trace.h"

#include "src/base/format.h"
#include "src/base/quote.h"
#include "src/cli/health_text.h"
#include "src/cli/passing.h"
#include "src/cli/totals.h"
#include "src/cli/writers.h"
#include "src/export/event_text_time.h"
#include "src/table/ansi.h"

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

}  // namespace

void add_line(std::string& out, bool color, std::string_view label, std::string_view content) {
  constexpr std::size_t kWidth = 13;
  table::append_styled(out, color, table::kBold, label);
  out.append(kWidth - label.size(), ' ');
  base::append_escaped(out, content);
  out += '\n';
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
  write_json(json, result.health);
  json.key("error");
  if (result.error) {
    json.value(std::string_view(result.error->message));
  } else {
    json.null();
  }
}

void write_facts(std::string& out, std::string_view name, const index::PassResult& result,
                 bool color) {
  const TraceInfo& info = result.info;
  const auto count = [](std::uint64_t n) {
    return base::format_count(static_cast<std::int64_t>(n));
  };
  add_line(out, color, "trace", name);
  add_line(out, color, "format", format_text(info));
  if (result.wall_start) {
    std::string time;
    exporting::append_wall_time(time, result.wall_start->seconds, result.wall_start->nanoseconds,
                                exporting::Zone::Local);
    add_line(out, color, "started", time);
  }
  if (useful_events(result) > 0) {
    add_line(out, color, "duration", base::format_duration(duration_of(result)));
  }
  add_line(out, color, "size",
           fmt::format("{} ({} bytes)", base::format_bytes(info.bytes), count(info.bytes)));
  if (!info.v1) add_line(out, color, "generations", count(result.generations));
  add_line(out, color, "events", count(result.events));
}

void write_health(std::string& out, const index::PassResult& result, bool color) {
  add_line(out, color, "health", health_text(result));
  for (std::size_t i = 0; i < kDefectCount; i++) {
    const auto defect = static_cast<Defect>(i);
    if (result.health.of(defect).count == 0) continue;
    out += fmt::format("  {}: ", name_of(spec_of(defect).severity));
    base::append_escaped(out, defect_line(defect, result.health));
    out += '\n';
  }
}

}  // namespace marey::cli
