// SPDX-License-Identifier: Apache-2.0
#include "src/cli/health_text.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "src/base/format.h"
#include "src/cli/command.h"
#include "src/cli/reading.h"
#include "src/cli/suggest.h"

namespace marey::cli {

std::string defect_line(Defect defect, const Health& health) {
  const DefectSpec& spec = spec_of(defect);
  const Health::Count& count = health.of(defect);
  std::string line = fmt::format("{} ({}", spec.sentence, spec.id);
  if (count.count > 1) {
    line += fmt::format(", {} times", base::format_count(static_cast<std::int64_t>(count.count)));
  }
  const auto first = std::ranges::find(health.reports(), defect, &DefectReport::defect);
  if (first != health.reports().end()) {
    line += fmt::format("; {}at byte {}", count.count > 1 ? "first " : "", first->offset);
    if (first->generation > 0) line += fmt::format(" in generation {}", first->generation);
    if (!first->detail.empty()) line += fmt::format(": {}", first->detail);
  }
  if (count.bytes_lost > 0) line += fmt::format("; {} lost", base::format_bytes(count.bytes_lost));
  if (count.time_lost > 0) {
    line += fmt::format("; {} without events", base::format_duration(count.time_lost));
    if (defect != Defect::LostGeneration)
      line += count.count > 1 ? " on threads" : " on its thread";
  }
  return line + ")";
}

int report_health(std::string_view name, const Health& health, std::uint64_t useful_events,
                  Console& console) {
  for (std::size_t i = 0; i < kDefectCount; i++) {
    const auto defect = static_cast<Defect>(i);
    if (health.of(defect).count == 0) continue;
    console.say(fmt::format("{}: {}: {}", name, name_of(spec_of(defect).severity),
                            defect_line(defect, health)));
  }
  if (useful_events == 0) {
    if (health.of(Defect::EmptyTrace).count == 0) {
      console.say(fmt::format("{}: {}", name, kNoEventsButSync));
    }
    return kExitFailure;
  }
  if (health.damaged()) {
    console.say(name == kStandardInput
                    ? "what is whole was read; save the trace to a file, and 'marey info --json "
                      "FILE' lists the defects"
                    : fmt::format("what is whole was read; {} lists the defects",
                                  marked_command("marey info --json", name)));
  }
  return kExitOk;
}

void write_json(base::JsonWriter& json, const Health& health, bool read_to_the_end) {
  json.begin_object();
  json.field("whole", health.whole() && read_to_the_end);
  json.field("bytes_lost", health.bytes_lost());
  json.field("guessed_events", health.guessed_events());
  json.key("first_guess");
  if (health.guessed_events() > 0) {
    json.value(health.first_guess());
  } else {
    json.null();
  }
  json.key("defects").begin_array();
  for (std::size_t i = 0; i < kDefectCount; i++) {
    const auto defect = static_cast<Defect>(i);
    const Health::Count& count = health.of(defect);
    if (count.count == 0) continue;
    const DefectSpec& spec = spec_of(defect);
    json.begin_object();
    json.field("id", spec.id);
    json.field("severity", name_of(spec.severity));
    json.field("sentence", spec.sentence);
    json.field("count", count.count);
    json.field("bytes_lost", count.bytes_lost);
    json.field("time_lost", count.time_lost);
    json.key("first").begin_array();
    for (const DefectReport& report : health.reports()) {
      if (report.defect != defect) continue;
      json.begin_object();
      json.field("offset", report.offset);
      json.field("generation", report.generation);
      json.field("bytes_lost", report.bytes_lost);
      json.field("time_lost", report.time_lost);
      json.field("detail", std::string_view(report.detail));
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace marey::cli
