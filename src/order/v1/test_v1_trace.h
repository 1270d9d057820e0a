// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "src/order/record.h"
#include "src/order/v1/v1_trace.h"
#include "src/wire/header.h"
#include "src/wire/v1/record_writer.h"

/// For tests only: v1 traces written by hand, record by record, and their events as text.
namespace marey::order {

using wire::Version;
using wire::v1::EventType;
using wire::v1::RecordWriter;

/// An event in one line: time, type, thread, proc and goroutine, and the arguments that are not 0.
inline std::string describe(const Event::Record& record) {
  if (record.type == kSyncType) return fmt::format("{} Sync {}", record.time, record.args[0]);
  const auto type = static_cast<wire::EventType>(record.type);
  const wire::EventSpec& spec = wire::spec_of(type);
  std::string text = fmt::format("{} {} m={} p={} g={}", record.time, spec.name, raw(record.thread),
                                 raw(record.proc), raw(record.goroutine));
  for (std::size_t i = 0; i < record.args.size(); i++) {
    const bool is_string = spec.string_args[0] == static_cast<int>(i) ||
                           spec.string_args[1] == static_cast<int>(i) ||
                           (type == wire::EventType::STWEnd && i == 0);
    if (is_string) {
      text += fmt::format(" '{}'", record.tables->string(StringID{record.args[i]}));
    } else if (type == wire::EventType::UserTaskEnd && i == 3) {
      text += fmt::format(" '{}'", record.tables->extra_string(record.args[i]));
    } else if (record.args[i] != 0) {
      text += fmt::format(" {}", static_cast<std::int64_t>(record.args[i]));
    }
  }
  return text;
}

inline std::vector<std::string> drain(V1Trace& trace) {
  std::vector<std::string> events;
  Event::Record record;
  while (trace.next(record)) events.push_back(describe(record));
  return events;
}

/// The events of a trace that Go's reader takes, too: both ways of reading must give them.
inline std::vector<std::string> events_of(RecordWriter writer, Version version = Version::Go121) {
  Health health;
  auto strict =
      V1Trace::open(writer.bytes(), wire::kHeaderSize, version, Judgement::Strict, health);
  if (!strict) return {strict.error().message};
  std::vector<std::string> events = drain(*strict);
  auto tolerant =
      V1Trace::open(writer.bytes(), wire::kHeaderSize, version, Judgement::Tolerant, health);
  EXPECT_EQ(drain(*tolerant), events);
  EXPECT_TRUE(health.whole());
  V1Trace moved = std::move(*strict);
  moved.rewind();
  EXPECT_EQ(drain(moved), events) << "a second time";
  return events;
}

inline std::string strict_error(RecordWriter writer, Version version = Version::Go121) {
  Health health;
  const auto trace =
      V1Trace::open(writer.bytes(), wire::kHeaderSize, version, Judgement::Strict, health);
  EXPECT_EQ(health.total(), 0U);
  return trace ? "" : trace.error().message;
}

struct Repaired {
  std::vector<std::string> events;
  Health health;
};
inline Repaired repaired(RecordWriter writer, Version version = Version::Go121) {
  Repaired result;
  auto trace =
      V1Trace::open(writer.bytes(), wire::kHeaderSize, version, Judgement::Tolerant, result.health);
  if (trace) result.events = drain(*trace);
  return result;
}

/// A trace in which goroutine 1 runs on proc 0 and thread 70 since the time 6; goroutine 2 was
/// waiting when it began. One tick is a nanosecond. What follows goes on at the time 7.
inline RecordWriter begin(Version version = Version::Go121) {
  RecordWriter writer(version);
  writer.batch(0, 1000);
  writer.record(EventType::GoCreate, {0, 1, 0, 0});
  writer.record(EventType::GoCreate, {1, 2, 0, 0}).record(EventType::GoWaiting, {1, 2});
  writer.record(EventType::ProcStart, {3, 70}).record(EventType::GoStart, {1, 1, 1});
  writer.record(EventType::Gomaxprocs, {1, 4, 0});
  return writer;
}
inline RecordWriter end(RecordWriter writer) {
  writer.record(EventType::Frequency, {1'000'000'000});
  return writer;
}
/// The events of begin(), which are in all traces that begin with it, and what follows.
inline std::vector<std::string> after_begin(std::vector<std::string> events) {
  const std::vector<std::string> begins{
      "-1 Sync 1",
      "2 GoStatus m=-1 p=0 g=2 2 -1 4",
      "5 ProcStatus m=70 p=0 g=-1 1",
      "6 GoStatus m=70 p=0 g=1 1 -1 2",
  };
  if (events.size() <= begins.size()) return events;
  EXPECT_EQ(std::vector<std::string>(events.begin(), events.begin() + 4), begins);
  events.erase(events.begin(), events.begin() + 4);
  return events;
}

/// The same without times, for traces that do not say how long a tick is.
inline std::vector<std::string> after_begin_without_times(std::vector<std::string> events) {
  EXPECT_GE(events.size(), 4U);
  events.erase(events.begin(), events.begin() + std::min<std::ptrdiff_t>(4, std::ssize(events)));
  for (std::string& event : events) event.erase(0, event.find(' ') + 1);
  return events;
}

}  // namespace marey::order
