// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/v1_trace.h"

#include <cstdint>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "src/order/record.h"
#include "src/wire/header.h"
#include "src/wire/v1/record_writer.h"

namespace marey::order {
namespace {

using testing::ElementsAre;
using wire::Version;
using wire::v1::EventType;
using wire::v1::RecordWriter;

/// An event in one line: time, type, thread, proc and goroutine, and the arguments that are not 0.
std::string describe(const Event::Record& record) {
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

std::vector<std::string> drain(V1Trace& trace) {
  std::vector<std::string> events;
  Event::Record record;
  while (trace.next(record)) events.push_back(describe(record));
  return events;
}

/// The events of a trace that Go's reader takes, too: both ways of reading must give them.
std::vector<std::string> events_of(RecordWriter writer, Version version = Version::Go121) {
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

std::string strict_error(RecordWriter writer, Version version = Version::Go121) {
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
Repaired repaired(RecordWriter writer, Version version = Version::Go121) {
  Repaired result;
  auto trace =
      V1Trace::open(writer.bytes(), wire::kHeaderSize, version, Judgement::Tolerant, result.health);
  if (trace) result.events = drain(*trace);
  return result;
}

/// A trace in which goroutine 1 runs on proc 0 and thread 70 since the time 6; goroutine 2 was
/// waiting when it began. One tick is a nanosecond. What follows goes on at the time 7.
RecordWriter begin(Version version = Version::Go121) {
  RecordWriter writer(version);
  writer.batch(0, 1000);
  writer.record(EventType::GoCreate, {0, 1, 0, 0});
  writer.record(EventType::GoCreate, {1, 2, 0, 0}).record(EventType::GoWaiting, {1, 2});
  writer.record(EventType::ProcStart, {3, 70}).record(EventType::GoStart, {1, 1, 1});
  writer.record(EventType::Gomaxprocs, {1, 4, 0});
  return writer;
}
RecordWriter end(RecordWriter writer) {
  writer.record(EventType::Frequency, {1'000'000'000});
  return writer;
}
/// The events of begin(), which are in all traces that begin with it, and what follows.
std::vector<std::string> after_begin(std::vector<std::string> events) {
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
std::vector<std::string> after_begin_without_times(std::vector<std::string> events) {
  EXPECT_GE(events.size(), 4U);
  events.erase(events.begin(), events.begin() + std::min<std::ptrdiff_t>(4, std::ssize(events)));
  for (std::string& event : events) event.erase(0, event.find(' ') + 1);
  return events;
}

TEST(V1Trace, ThePrefaceBecomesStatuses) {
  RecordWriter writer(Version::Go121);
  writer.batch(0, 1000);
  writer.record(EventType::GoCreate, {0, 9, 0, 0}).record(EventType::GoCreate, {0, 5, 0, 0});
  writer.record(EventType::GoCreate, {1, 2, 0, 0}).record(EventType::GoInSyscall, {0, 2});
  writer.record(EventType::Gomaxprocs, {4, 4, 0}).record(EventType::Gomaxprocs, {1, 8, 0});
  EXPECT_THAT(
      events_of(end(writer)),
      ElementsAre("-1 Sync 1", "1 GoStatus m=-1 p=0 g=2 2 -1 3", "5 GoStatus m=-1 p=-1 g=-1 5 -1 1",
                  "6 GoStatus m=-1 p=-1 g=-1 9 -1 1", "7 ProcsChange m=-1 p=0 g=-1 8", "8 Sync 2"));
}

TEST(V1Trace, GoroutinesBlockAndWakeEachOther) {
  RecordWriter writer = begin();
  writer.record(EventType::GoUnblock, {1, 2, 2, 0}).record(EventType::GoBlockRecv, {1, 0});
  writer.record(EventType::GoStart, {1, 2, 3}).record(EventType::GoUnblockLocal, {1, 1, 0});
  writer.record(EventType::GoSched, {1, 0}).record(EventType::GoStartLocal, {1, 1});
  writer.record(EventType::GoEnd, {1}).record(EventType::ProcStop, {1});
  EXPECT_THAT(after_begin(events_of(end(writer))),
              ElementsAre("8 GoUnblock m=70 p=0 g=1 2 2", "9 GoBlock m=70 p=0 g=1 'chan receive'",
                          "10 GoStart m=70 p=0 g=2 2 3", "11 GoUnblock m=70 p=0 g=2 1",
                          "12 GoStop m=70 p=0 g=2 'runtime.Gosched'", "13 GoStart m=70 p=0 g=1 1",
                          "14 GoDestroy m=70 p=0 g=1", "15 ProcStop m=70 p=0 g=-1", "16 Sync 2"));
}

TEST(V1Trace, SequenceNumbersDecideTheOrder) {
  // The procs' clocks agree only roughly: what is written later in the file, at the same time,
  // comes first.
  RecordWriter writer = begin();
  writer.record(EventType::GoUnblock, {4, 2, 2, 0});
  writer.batch(1, 1000);
  writer.record(EventType::ProcStart, {8, 71}).record(EventType::GoStart, {3, 2, 3});
  EXPECT_THAT(after_begin(events_of(end(writer))),
              ElementsAre("8 ProcStatus m=71 p=1 g=-1 1 1", "11 GoUnblock m=70 p=0 g=1 2 2",
                          "12 GoStart m=71 p=1 g=2 2 3", "13 Sync 2"));
}

TEST(V1Trace, SystemCallsHaveABeginningAndAnEnd) {
  RecordWriter writer = begin();
  writer.record(EventType::GoSysCall, {1, 0});  // does not block
  writer.record(EventType::GoSysCall, {10, 0}).record(EventType::GoSysBlock, {2});
  writer.record(EventType::ProcStop, {1}).record(EventType::ProcStart, {10, 71});
  // Written now, but it returned when the proc was stopped.
  writer.record(EventType::GoSysExit, {5, 1, 2, 1025}).record(EventType::GoStart, {1, 1, 3});
  EXPECT_THAT(after_begin(events_of(end(writer))),
              ElementsAre("8 GoSyscallBegin m=70 p=0 g=1", "9 GoSyscallEnd m=70 p=0 g=1",
                          "18 GoSyscallBegin m=70 p=0 g=1", "21 ProcStop m=70 p=0 g=-1",
                          "25 GoSyscallEndBlocked m=-1 p=1000003 g=1", "31 ProcStart m=71 p=0 g=-1",
                          "37 GoStart m=71 p=0 g=1 1 3", "38 Sync 2"));
}

TEST(V1Trace, SomeProcsAreMadeUp) {
  RecordWriter writer = begin();
  writer.record(EventType::GCStart, {1, 0, 0}).record(EventType::GCDone, {1});
  writer.record(EventType::GoBlockNet, {1, 0}).record(EventType::GoUnblock, {1, 1, 2, 0});
  writer.record(EventType::GoStart, {1, 1, 3});
  writer.record(EventType::GoBlockSync, {1, 0}).record(EventType::GoUnblock, {1, 2, 2, 0});
  writer.record(EventType::GoStart, {1, 2, 3}).record(EventType::GoUnblock, {1, 1, 4, 0});
  writer.record(EventType::TimerGoroutine, {2});
  EXPECT_THAT(
      after_begin(events_of(end(writer))),
      ElementsAre("8 GCBegin m=-1 p=1000004 g=1", "9 GCEnd m=70 p=0 g=1",
                  "10 GoBlock m=70 p=0 g=1 'network'", "11 GoUnblock m=-1 p=1000002 g=-1 1 2",
                  "12 GoStart m=70 p=0 g=1 1 3", "13 GoBlock m=70 p=0 g=1 'sync'",
                  "14 GoUnblock m=70 p=0 g=-1 2 2", "15 GoStart m=70 p=0 g=2 2 3",
                  "16 GoUnblock m=-1 p=1000001 g=2 1 4", "17 Sync 2"));
}

TEST(V1Trace, ReasonsOfStoppingTheWorld) {
  const auto with_kind = [](Version version, std::uint64_t kind) {
    RecordWriter writer = begin(version);
    writer.record(EventType::STWStart, {1, kind}).record(EventType::STWDone, {1});
    return after_begin(events_of(end(writer), version));
  };
  EXPECT_THAT(with_kind(Version::Go119, 0),
              ElementsAre("8 STWBegin m=70 p=0 g=1 'GC mark termination'",
                          "9 STWEnd m=70 p=0 g=1 'GC mark termination'", "10 Sync 2"));
  EXPECT_THAT(with_kind(Version::Go111, 1)[0], "8 STWBegin m=70 p=0 g=1 'GC sweep termination'");
  EXPECT_THAT(with_kind(Version::Go119, 2)[0], "8 STWBegin m=70 p=0 g=1 ''");
  EXPECT_THAT(with_kind(Version::Go121, 2)[0], "8 STWBegin m=70 p=0 g=1 'GC sweep termination'");
  EXPECT_THAT(with_kind(Version::Go121, 9)[0], "8 STWBegin m=70 p=0 g=1 'GOMAXPROCS'");
  EXPECT_THAT(with_kind(Version::Go121, 17)[0], "8 STWBegin m=70 p=0 g=1 ''");
}

TEST(V1Trace, AnnotationsOfTheProgram) {
  RecordWriter writer = begin();
  writer.string(3, "task name").string(4, "region name").string(5, "key").string(6, "label");
  writer.record(EventType::UserTaskCreate, {1, 10, 0, 3, 0});
  writer.record(EventType::UserTaskCreate, {1, 11, 10, 3, 0});
  writer.record(EventType::UserRegion, {1, 10, 0, 4, 0});
  writer.log({1, 10, 5, 0}, "a message").log({1, 10, 5, 0}, "").log({1, 10, 5, 0}, "a message");
  writer.record(EventType::UserRegion, {1, 10, 1, 4, 0});
  writer.record(EventType::UserTaskEnd, {1, 11, 0}).record(EventType::UserTaskEnd, {1, 99, 0});
  writer.record(EventType::GoBlock, {1, 0}).record(EventType::GoUnblock, {1, 2, 2, 0});
  writer.record(EventType::GoStartLabel, {1, 2, 3, 6});
  EXPECT_THAT(after_begin(events_of(end(writer))),
              ElementsAre("8 UserTaskBegin m=70 p=0 g=1 10 -1 'task name'",
                          "9 UserTaskBegin m=70 p=0 g=1 11 10 'task name'",
                          "10 UserRegionBegin m=70 p=0 g=1 10 'region name'",
                          "11 UserLog m=70 p=0 g=1 10 'key' 'a message'",
                          "12 UserLog m=70 p=0 g=1 10 'key' ''",
                          "13 UserLog m=70 p=0 g=1 10 'key' 'a message'",
                          "14 UserRegionEnd m=70 p=0 g=1 10 'region name'",
                          "15 UserTaskEnd m=70 p=0 g=1 11 10 'task name'",
                          "16 UserTaskEnd m=70 p=0 g=1 99 -1 ''", "17 GoBlock m=70 p=0 g=1 ''",
                          "18 GoUnblock m=70 p=0 g=-1 2 2", "19 GoStart m=70 p=0 g=2 2 3",
                          "20 GoLabel m=70 p=0 g=2 'label'", "21 Sync 2"));
}

TEST(V1Trace, StacksAndSamples) {
  RecordWriter writer = begin();
  writer.string(1, "main.f").string(2, "f.go").string(3, "main.g");
  writer.record(EventType::Stack, {8, 2, 0x10, 1, 2, 5, 0x20, 3, 2, 6});
  writer.record(EventType::Stack, {9, 0});
  writer.record(EventType::GoSched, {1, 8}).record(EventType::GoStart, {1, 1, 2});
  writer.record(EventType::GoSched, {1, 9});  // a stack without frames is none
  writer.record(EventType::CPUSample, {0, 1008, 3, 1, 8});
  RecordWriter whole = end(writer);
  EXPECT_THAT(
      after_begin(events_of(whole)),
      ElementsAre("8 CPUSample m=-1 p=3 g=1 8 -1 3 1", "9 GoStop m=70 p=0 g=1 'runtime.Gosched' 8",
                  "10 GoStart m=70 p=0 g=1 1 2", "11 GoStop m=70 p=0 g=1 'runtime.Gosched'",
                  "12 Sync 2"));
  Health health;
  const auto trace =
      V1Trace::open(whole.bytes(), wire::kHeaderSize, Version::Go121, Judgement::Strict, health);
  ASSERT_TRUE(trace.has_value());
  const wire::Tables& tables = trace->tables();
  const auto frames = tables.stack(StackID{8});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(tables.frame(frames[1]).pc, 0x20U);
  EXPECT_EQ(tables.string(tables.frame(frames[1]).function), "main.g");
  EXPECT_EQ(trace->totals().cpu_samples, 1U);
  EXPECT_EQ(trace->totals().batches, 1U);
  EXPECT_EQ(trace->totals().procs, 1U);
}

TEST(V1Trace, OfTwoStacksGoTakesTheLast) {
  RecordWriter writer = begin();
  writer.record(EventType::Stack, {8, 1, 0x10, 0, 0, 5});
  writer.record(EventType::Stack, {7, 1, 0x30, 0, 0, 5});
  writer.record(EventType::Stack, {8, 1, 0x20, 0, 0, 6});
  writer.log({1, 0, 0, 8}, "and this text stays");
  RecordWriter whole = end(writer);
  Health health;
  auto strict =
      V1Trace::open(whole.bytes(), wire::kHeaderSize, Version::Go121, Judgement::Strict, health);
  ASSERT_TRUE(strict.has_value());
  EXPECT_EQ(strict->tables().frame(strict->tables().stack(StackID{8})[0]).pc, 0x20U);
  EXPECT_EQ(strict->tables().frame(strict->tables().stack(StackID{7})[0]).pc, 0x30U);
  EXPECT_EQ(after_begin(drain(*strict))[0], "8 UserLog m=70 p=0 g=1 '' 'and this text stays' 8");
  const auto tolerant =
      V1Trace::open(whole.bytes(), wire::kHeaderSize, Version::Go121, Judgement::Tolerant, health);
  EXPECT_EQ(tolerant->tables().frame(tolerant->tables().stack(StackID{8})[0]).pc, 0x10U);
  EXPECT_EQ(health.of(Defect::DuplicateId).count, 1U);
}

TEST(V1Trace, StrictVerdictsOfReading) {
  using enum EventType;
  EXPECT_EQ(strict_error(RecordWriter(Version::Go121)), "no EvFrequency event");
  EXPECT_EQ(strict_error(begin()), "no EvFrequency event");
  EXPECT_EQ(strict_error(end(begin().record(Frequency, {0}))), "time stamps out of order");
  EXPECT_EQ(strict_error(end(begin().record(ProcStop, {1, 2}))),
            "ProcStop has wrong number of arguments: want 1, got 2");
  EXPECT_EQ(strict_error(end(begin().string(1, "a").string(1, "b"))), "string has duplicate id 1");
  EXPECT_EQ(strict_error(end(begin().record(GoStart, {1, 2, 9}))),
            "no consistent ordering of events possible");
  // Two procs say that they wake the same goroutine.
  EXPECT_EQ(strict_error(end(begin()
                                 .record(GoUnblockLocal, {9, 2, 0})
                                 .batch(1, 1000)
                                 .record(GoUnblockLocal, {17, 2, 0}))),
            "encountered impossible goroutine state transition");
  EXPECT_EQ(strict_error(end(begin()
                                 .record(GoUnblock, {9, 2, 2, 0})
                                 .batch(1, 1000)
                                 .record(ProcStart, {1, 71})
                                 .record(GoStart, {1, 2, 3}))),
            "time stamps out of order")
      << "the goroutine starts before it is unblocked";
  EXPECT_EQ(strict_error(end(begin().record(GoBlock, {1, 0}).record(GoSysExit, {1, 1, 2, 1008}))),
            "stray syscall exit");
  EXPECT_EQ(strict_error(end(begin().record(GoSysBlock, {1}).record(GoSysExit, {1, 1, 2, 1007}))),
            "time stamps out of order");
}

TEST(V1Trace, StrictVerdictsOfStates) {
  using enum EventType;
  const auto verdict = [](EventType type, std::initializer_list<std::uint64_t> args) {
    return strict_error(end(begin().record(type, args)));
  };
  EXPECT_EQ(verdict(ProcStart, {1, 5}), "p 0 is running before start (time 8)");
  EXPECT_EQ(verdict(ProcStop, {1}), "p 0 is running a goroutine 1 during stop (time 8)");
  EXPECT_EQ(verdict(GCDone, {1}), "bogus GC end (time 8)");
  EXPECT_EQ(verdict(STWDone, {1}), "bogus STW end (time 8)");
  EXPECT_EQ(verdict(GCSweepDone, {1, 0, 0}), "bogus sweeping end (time 8)");
  EXPECT_EQ(verdict(GoCreate, {1, 0, 0, 0}), "g 0 already exists (time 8)");
  EXPECT_EQ(verdict(UserRegion, {1, 2, 3, 4, 5}),
            "invalid user region mode: \"8 UserRegion p=0 g=1 stk=5 taskid=2 mode=3 typeid=4\"");
  EXPECT_EQ(strict_error(end(begin().batch(1, 1020).record(ProcStop, {1}))),
            "p 1 is not running before stop (time 21)");
  EXPECT_EQ(strict_error(end(begin().record(GCStart, {1, 0, 0}).record(GCStart, {1, 1, 0}))),
            "previous GC is not ended before a new one (time 9)");
  EXPECT_EQ(strict_error(end(begin().record(STWStart, {1, 0}).record(STWStart, {1, 0}))),
            "previous STW is not ended before a new one (time 9)");
  EXPECT_EQ(strict_error(end(begin().record(GCSweepStart, {1, 0}).record(GCSweepStart, {1, 0}))),
            "previous sweeping is not ended before a new one (time 9)");
  EXPECT_EQ(strict_error(
                end(begin().record(GCMarkAssistStart, {1, 0}).record(GCMarkAssistStart, {1, 0}))),
            "previous mark assist is not ended before a new one (time 9)");
  EXPECT_EQ(strict_error(end(begin().record(GoEnd, {1}).record(GoEnd, {1}))),
            "g 0 did GoEnd (time 9)");
  EXPECT_EQ(strict_error(end(begin().record(GoUnblock, {1, 2, 2, 0}).record(GoStart, {1, 2, 3}))),
            "p 0 is already running g 1 while start g 2 (time 9)");
  EXPECT_EQ(strict_error(end(begin()
                                 .record(GoUnblock, {1, 2, 2, 0})
                                 .batch(1, 1020)
                                 .record(GoStart, {1, 2, 3})
                                 .record(GoBlock, {1, 0})
                                 .record(GoUnblock, {1, 2, 4, 0})
                                 .record(GoStart, {1, 1, 2}))),
            "no consistent ordering of events possible");
  EXPECT_EQ(
      strict_error(end(
          begin().record(UserTaskCreate, {1, 5, 0, 0, 0}).record(UserTaskCreate, {1, 5, 1, 2, 3}))),
      "task id conflicts (id:5), \"9 UserTaskCreate p=0 g=1 stk=3 taskid=5 pid=1 typeid=2\" "
      "vs \"8 UserTaskCreate p=0 g=1 stk=0 taskid=5 pid=0 typeid=0\"");
  EXPECT_EQ(
      strict_error(
          end(begin().record(UserRegion, {1, 1, 0, 7, 0}).record(UserRegion, {1, 1, 1, 8, 0}))),
      "misuse of region in goroutine 1: span end \"9 UserRegion p=0 g=1 stk=0 taskid=1 mode=1 "
      "typeid=8\" when the inner-most active span start event is \"8 UserRegion p=0 g=1 stk=0 "
      "taskid=1 mode=0 typeid=7\"");
}

TEST(V1Trace, TheDeadAreRememberedForTheVerdict) {
  using enum EventType;
  // Goroutine 1 ends on proc 0; proc 1 says that it started it before, and goes on with it.
  EXPECT_EQ(strict_error(end(begin()
                                 .record(GoEnd, {1})
                                 .batch(1, 1020)
                                 .record(HeapAlloc, {1, 5})
                                 .record(GoCreate, {1, 1, 0, 0}))),
            "no consistent ordering of events possible");
  EXPECT_EQ(strict_error(end(begin()
                                 .record(GoSched, {1, 0})
                                 .record(GoStart, {1, 1, 2})
                                 .record(GoEnd, {10})
                                 .batch(1, 1000)
                                 .record(GoStart, {7, 1, 2})
                                 .record(GoSched, {20, 0})
                                 .record(GoStart, {20, 1, 3}))),
            "encountered impossible goroutine state transition");
}

TEST(V1Trace, WhatGoCannotConvert) {
  RecordWriter writer =
      end(begin().record(EventType::FutileWakeup, {1}).record(EventType::HeapAlloc, {1, 5}));
  Health health;
  auto strict =
      V1Trace::open(writer.bytes(), wire::kHeaderSize, Version::Go121, Judgement::Strict, health);
  ASSERT_TRUE(strict.has_value());
  EXPECT_EQ(drain(*strict).size(), 4U) << "those before it are delivered";
  ASSERT_TRUE(strict->error().has_value());
  EXPECT_EQ(strict->error()->message, "unexpected event type 36");
  EXPECT_THAT(after_begin(repaired(writer).events),
              ElementsAre("9 HeapAlloc m=70 p=0 g=1 5", "10 Sync 2"));
}

TEST(V1Trace, NothingToReadIsOneDefect) {
  const Repaired result = repaired(RecordWriter(Version::Go121));
  EXPECT_THAT(result.events, ElementsAre("0 Sync 1"));
  EXPECT_EQ(result.health.of(Defect::EmptyTrace).count, 1U);
  EXPECT_EQ(result.health.total(), 1U);
}

TEST(V1Trace, ACutOffTraceIsReadToItsEnd) {
  RecordWriter writer = begin();
  writer.record(EventType::HeapAlloc, {1, 5}).byte(13 | 3 << 6).varint(9).byte(1);
  const Repaired result = repaired(writer);
  // A tick counts 25.6 ns: the batch begins with the first, and the event is in the eighth.
  EXPECT_THAT(result.events, testing::Contains("204 HeapAlloc m=70 p=0 g=1 5"));
  EXPECT_THAT(after_begin_without_times(result.events),
              ElementsAre("HeapAlloc m=70 p=0 g=1 5", "Sync 2"));
  EXPECT_EQ(result.health.of(Defect::TruncatedFile).bytes_lost, 3U);
  EXPECT_EQ(result.health.of(Defect::NoFrequency).count, 1U);
  EXPECT_EQ(result.health.total(), 2U);
}

TEST(V1Trace, WithoutAnOrderTimeDecides) {
  // Goroutine 2 starts though nobody has unblocked it.
  RecordWriter writer = begin();
  writer.record(EventType::HeapAlloc, {1, 5}).record(EventType::HeapAlloc, {9, 6});
  writer.batch(1, 1010).record(EventType::ProcStart, {0, 71});
  writer.record(EventType::GoStart, {1, 2, 3}).record(EventType::GoEnd, {20});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events),
              ElementsAre("8 HeapAlloc m=70 p=0 g=1 5", "10 ProcStatus m=71 p=1 g=-1 1 1",
                          "11 GoStart m=71 p=1 g=2 2 3", "17 HeapAlloc m=70 p=0 g=1 6",
                          "31 GoDestroy m=71 p=1 g=2", "32 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::NoOrder).count, 1U);
  EXPECT_EQ(result.health.of(Defect::ImpossibleTransition).count, 1U);
  EXPECT_EQ(result.health.total(), 2U);
}

TEST(V1Trace, MisnestedRegionsKeepBothEnds) {
  RecordWriter writer = begin();
  for (const std::uint64_t name : {1, 2}) writer.record(EventType::UserRegion, {1, 0, 0, name, 0});
  for (const std::uint64_t name : {1, 2}) writer.record(EventType::UserRegion, {1, 0, 1, name, 0});
  writer.string(1, "outer").string(2, "inner");
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(
      after_begin(result.events),
      ElementsAre("8 UserRegionBegin m=70 p=0 g=1 'outer'",
                  "9 UserRegionBegin m=70 p=0 g=1 'inner'", "10 UserRegionEnd m=70 p=0 g=1 'outer'",
                  "11 UserRegionEnd m=70 p=0 g=1 'inner'", "12 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::MisnestedRegion).count, 1U);
  EXPECT_EQ(result.health.total(), 1U);
}

TEST(V1Trace, EventsOfNobodyAreLeftOut) {
  RecordWriter writer = begin();
  writer.record(EventType::GoEnd, {1}).record(EventType::GoBlock, {1, 0});
  writer.record(EventType::HeapAlloc, {1, 5});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events),
              ElementsAre("8 GoDestroy m=70 p=0 g=1", "10 HeapAlloc m=70 p=0 g=-1 5", "11 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::DroppedEvent).count, 1U);
}

TEST(V1Trace, ABatchKeepsToTheTimesOfItsNeighbours) {
  RecordWriter writer = begin();
  constexpr std::uint64_t kFar = std::uint64_t{1} << 40;
  writer.batch(0, 1010 + kFar).record(EventType::HeapAlloc, {1, 5});
  writer.batch(0, 1020).record(EventType::HeapAlloc, {1, 6});
  writer.record(EventType::HeapAlloc, {kFar, 7});
  writer.batch(0, 1030).record(EventType::HeapAlloc, {1, 8});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(
      after_begin(result.events),
      ElementsAre("8 HeapAlloc m=70 p=0 g=1 5", "21 HeapAlloc m=70 p=0 g=1 6",
                  "30 HeapAlloc m=70 p=0 g=1 7", "31 HeapAlloc m=70 p=0 g=1 8", "32 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::TimeRunsBackwards).count, 2U);
}

TEST(V1Trace, AnImpossibleSecondBatchDoesNotMoveTheFirst) {
  constexpr std::uint64_t kFar = std::uint64_t{1} << 40;
  RecordWriter writer(Version::Go121);
  writer.batch(0, kFar + 1000).record(EventType::ProcStart, {3, 70});
  writer.record(EventType::Gomaxprocs, {1, 4, 0}).record(EventType::HeapAlloc, {1, 5});
  writer.batch(0, 10).record(EventType::HeapAlloc, {1, 6});
  writer.batch(0, kFar + 1030).record(EventType::HeapAlloc, {1, 7});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(
      result.events,
      ElementsAre("-1 Sync 1", "0 ProcStatus m=70 p=0 g=-1 1", "2 HeapAlloc m=70 p=0 g=-1 5",
                  "3 HeapAlloc m=70 p=0 g=-1 6", "28 HeapAlloc m=70 p=0 g=-1 7", "29 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::TimeRunsBackwards).count, 1U);
}

TEST(V1Trace, TextsAreNoLongerThanTheRuntimeWroteThem) {
  constexpr std::size_t kMax = 64 << 10;
  const auto with_texts = [](std::size_t string_size, std::size_t log_size) {
    RecordWriter writer = begin();
    writer.string(1, std::string(string_size, 's'));
    writer.record(EventType::UserRegion, {1, 0, 0, 1, 0});
    writer.log({1, 0, 1, 0}, std::string(log_size, 'm')).record(EventType::HeapAlloc, {1, 5});
    return end(writer);
  };
  const std::string longest_string(kMax, 's');
  EXPECT_THAT(after_begin(events_of(with_texts(kMax, kMax))),
              ElementsAre("8 UserRegionBegin m=70 p=0 g=1 '" + longest_string + "'",
                          "9 UserLog m=70 p=0 g=1 '" + longest_string + "' '" +
                              std::string(kMax, 'm') + "'",
                          "10 HeapAlloc m=70 p=0 g=1 5", "11 Sync 2"));
  EXPECT_EQ(strict_error(with_texts(1'000'000, 1'000'000)), "") << "Go takes them";
  EXPECT_EQ(strict_error(with_texts(1'000'001, 1)), "string has too large length 1000001");
  EXPECT_EQ(strict_error(with_texts(1, 1'000'001)), "string is too large (len=1000001)");

  const Repaired result = repaired(with_texts(kMax + 1, kMax + 1));
  // The log is lost, and with it the time that it took; what is behind it is not.
  EXPECT_THAT(after_begin(result.events), ElementsAre("8 UserRegionBegin m=70 p=0 g=1 ''",
                                                      "9 HeapAlloc m=70 p=0 g=1 5", "10 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::BadTable).count, 1U);
  EXPECT_EQ(result.health.of(Defect::BadBatch).count, 1U);
}

TEST(V1Trace, UnknownIdsAreCounted) {
  RecordWriter writer = begin();
  writer.record(EventType::GoSched, {1, 33}).record(EventType::GoStart, {1, 1, 2});
  writer.record(EventType::UserRegion, {1, 1, 0, 44, 0});
  const Repaired result = repaired(writer);  // the frequency is missing, so the tables may be, too
  EXPECT_THAT(after_begin_without_times(result.events),
              ElementsAre("GoStop m=70 p=0 g=1 'runtime.Gosched'", "GoStart m=70 p=0 g=1 1 2",
                          "UserRegionBegin m=70 p=0 g=1 1 ''", "Sync 2"));
  EXPECT_EQ(result.health.of(Defect::UnknownStack).count, 1U);
  EXPECT_EQ(result.health.of(Defect::UnknownString).count, 1U);
}

TEST(V1Trace, UnknownStringsAreNotTakenForOurOwn) {
  // Ids behind those of the trace are given to texts of logs and to reasons of blocking.
  RecordWriter writer = begin();
  writer.record(EventType::Stack, {8, 1, 0x10, 1, 2, 5});
  writer.record(EventType::UserTaskCreate, {1, 10, 0, 1, 8}).log({1, 10, 2, 0}, "a message");
  writer.record(EventType::UserTaskEnd, {1, 10, 0}).record(EventType::UserRegion, {1, 10, 0, 3, 0});
  writer.record(EventType::GoBlock, {1, 0}).record(EventType::GoUnblock, {1, 2, 2, 0});
  writer.record(EventType::GoStartLabel, {1, 2, 3, 4});
  RecordWriter whole = end(writer);
  const Repaired result = repaired(whole);
  EXPECT_THAT(
      after_begin(result.events),
      ElementsAre("8 UserTaskBegin m=70 p=0 g=1 10 -1 '' 8",
                  "9 UserLog m=70 p=0 g=1 10 '' 'a message'", "10 UserTaskEnd m=70 p=0 g=1 10 ''",
                  "11 UserRegionBegin m=70 p=0 g=1 10 ''", "12 GoBlock m=70 p=0 g=1 ''",
                  "13 GoUnblock m=70 p=0 g=-1 2 2", "14 GoStart m=70 p=0 g=2 2 3",
                  "15 GoLabel m=70 p=0 g=2 ''", "16 Sync 2"));
  Health health;
  const auto strict =
      V1Trace::open(whole.bytes(), wire::kHeaderSize, Version::Go121, Judgement::Strict, health);
  ASSERT_TRUE(strict.has_value());
  const wire::Tables& tables = strict->tables();
  const wire::FrameRecord& frame = tables.frame(tables.stack(StackID{8})[0]);
  EXPECT_EQ(tables.string(frame.function), "");
  EXPECT_EQ(tables.string(frame.file), "");
}

TEST(V1Trace, ASecondTraceIsReadAsAContinuation) {
  RecordWriter writer = begin();
  writer.string(1, "first").record(EventType::UserRegion, {1, 0, 0, 1, 0});
  writer.record(EventType::Frequency, {1'000'000'000});
  writer.header(Version::Go119).batch(0, 5000).string(1, "second");
  writer.record(EventType::GoCreate, {0, 1, 0, 0}).record(EventType::ProcStart, {3, 70});
  writer.record(EventType::GoStart, {1, 1, 1}).record(EventType::Gomaxprocs, {1, 4, 0});
  writer.record(EventType::UserRegion, {1, 0, 0, 1, 0});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events),
              ElementsAre("8 UserRegionBegin m=70 p=0 g=1 'first'", "9 Sync 2",
                          "13 ProcStatus m=70 p=0 g=-1 1", "14 GoStatus m=70 p=0 g=1 1 -1 2",
                          "16 UserRegionBegin m=70 p=0 g=1 'second'", "17 Sync 3"));
  EXPECT_EQ(result.health.of(Defect::SecondTrace).count, 1U);
  EXPECT_EQ(result.health.total(), 1U);
}

TEST(V1Trace, ATraceOfTheOtherFormatIsLeftOutWithAdvice) {
  RecordWriter writer = begin();
  writer.record(EventType::Frequency, {1'000'000'000});
  const std::size_t v2 = writer.size();
  writer.header(Version::Go123);
  for (int i = 0; i < 100; i++) writer.byte(static_cast<unsigned>(i));
  const std::size_t v1 = writer.size();
  writer.header(Version::Go121).batch(0, 5000).record(EventType::ProcStart, {3, 70});
  writer.record(EventType::Gomaxprocs, {1, 4, 0}).record(EventType::HeapAlloc, {1, 5});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events), ElementsAre("7 Sync 2", "8 ProcStatus m=70 p=0 g=-1 1",
                                                      "10 HeapAlloc m=70 p=0 g=-1 5", "11 Sync 3"));
  EXPECT_EQ(result.health.of(Defect::SecondTrace).count, 1U);
  EXPECT_EQ(result.health.of(Defect::UnreadTrace).bytes_lost, v1 - v2);
  EXPECT_EQ(result.health.total(), 2U);
  EXPECT_EQ(result.health.reports().front().detail,
            fmt::format("a trace of format go 1.23; 'tail -c +{} FILE > second.trace' makes it a "
                        "file of its own",
                        v2 + 1));
}

TEST(V1Trace, TimeNeverRunsOver) {
  // Two traces of 270 years each.
  constexpr std::uint64_t kNearlyADay = 86'000'000'000'000;
  constexpr int kBatches = 99'000;
  RecordWriter writer(Version::Go121);
  for (int i = 0; i < 2; i++) {
    if (i != 0) writer.header(Version::Go121);
    for (std::uint64_t batch = 0; batch < kBatches; batch++) {
      writer.batch(0, 1000 + batch * kNearlyADay).record(EventType::HeapAlloc, {1, 5});
    }
    writer.record(EventType::Frequency, {1'000'000'000});
  }
  Health health;
  auto trace =
      V1Trace::open(writer.bytes(), wire::kHeaderSize, Version::Go121, Judgement::Tolerant, health);
  ASSERT_TRUE(trace.has_value());
  Event::Record record;
  Time last = -2;
  int events = 0;
  while (trace->next(record)) {
    ASSERT_GT(record.time, last);
    last = record.time;
    if (record.type != kSyncType) events++;
  }
  EXPECT_EQ(events, 2 * kBatches);
  EXPECT_EQ(health.of(Defect::SecondTrace).count, health.total());
}

TEST(V1Trace, ALeapBeyondAllReasonIsLeftOut) {
  RecordWriter writer = begin();
  for (const std::uint64_t delta : {std::uint64_t{90'000'000'000'000}, ~std::uint64_t{0} >> 1}) {
    writer.record(EventType::HeapAlloc, {1, 5}).record(EventType::HeapAlloc, {delta, 6});
  }
  writer.record(EventType::HeapAlloc, {80'000'000'000'000, 7});  // less than a day
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events),
              ElementsAre("8 HeapAlloc m=70 p=0 g=1 5", "9 HeapAlloc m=70 p=0 g=1 6",
                          "10 HeapAlloc m=70 p=0 g=1 5", "11 HeapAlloc m=70 p=0 g=1 6",
                          "80000000000009 HeapAlloc m=70 p=0 g=1 7", "80000000000010 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::TimeRunsBackwards).count, 1U);
  EXPECT_EQ(result.health.total(), 1U);
}

TEST(V1Trace, ABatchOfAnotherAgeIsLeftOutUnlessItsTimeCanBeKnown) {
  constexpr std::uint64_t kYear = 365ULL * 86'400'000'000'000;
  RecordWriter writer = begin();
  writer.batch(1, 1010).record(EventType::HeapAlloc, {1, 5});
  const std::size_t lost = writer.size();
  writer.batch(2, 1000 + kYear).record(EventType::HeapAlloc, {1, 6});
  const std::size_t kept = writer.size();
  writer.batch(0, 7 * kYear).record(EventType::HeapAlloc, {1, 7});  // proc 0 has another one
  writer.batch(0, 1030).record(EventType::HeapAlloc, {1, 8});
  writer.batch(3, 9 * kYear).string(1, "text").record(EventType::UserRegion, {1, 0, 0, 1, 0});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events),
              ElementsAre("8 HeapAlloc m=70 p=0 g=1 7", "11 HeapAlloc m=-1 p=1 g=-1 5",
                          "31 HeapAlloc m=70 p=0 g=1 8", "32 UserRegionBegin m=-1 p=3 g=-1 'text'",
                          "33 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::BadBatch).bytes_lost, kept - lost);
  EXPECT_EQ(result.health.reports().front().detail,
            "1 batches of proc 2 are more than a day away from all others");
}

TEST(V1Trace, GoroutinesThatCannotBeAreLeftOut) {
  constexpr std::uint64_t kTooMany = std::uint64_t{1} << 50;
  RecordWriter writer = begin();
  writer.record(EventType::GoCreate, {1, kTooMany, 0, 0});
  writer.record(EventType::GoUnblock, {1, kTooMany, 2, 0});
  writer.record(EventType::GoStart, {1, kTooMany, 1}).record(EventType::GoBlock, {1, 0});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events), ElementsAre("7 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::DroppedEvent).count, 1U);
  EXPECT_EQ(result.health.reports().front().detail, "4 events of proc 0");
}

TEST(V1Trace, AnImpossibleFrequencyIsNone) {
  for (const std::uint64_t frequency : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    RecordWriter writer = begin();
    writer.string(1, "text").record(EventType::Frequency, {frequency});
    writer.record(EventType::HeapAlloc, {1, 5}).record(EventType::UserRegion, {1, 0, 0, 2, 0});
    writer.string(2, "behind");
    const Repaired result = repaired(writer);
    EXPECT_THAT(
        after_begin_without_times(result.events),
        ElementsAre("HeapAlloc m=70 p=0 g=1 5", "UserRegionBegin m=70 p=0 g=1 'behind'", "Sync 2"));
    EXPECT_EQ(result.health.of(Defect::NoFrequency).count, 1U);
    EXPECT_EQ(result.health.total(), 1U);
    EXPECT_TRUE(result.health.reports().front().detail.starts_with(
        fmt::format("EvFrequency says {} ticks a second;", static_cast<std::int64_t>(frequency))));
  }
}

TEST(V1Trace, NoiseIsAnEmptyTrace) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10; i++) {
    RecordWriter writer(Version::Go121);
    for (int byte = 0; byte < 500'000; byte++) {
      writer.byte(static_cast<unsigned>(random() & 255));
    }
    const Repaired result = repaired(writer);
    EXPECT_THAT(result.events, ElementsAre("0 Sync 1"));
    EXPECT_EQ(result.health.of(Defect::EmptyTrace).count, 1U);
    EXPECT_EQ(result.health.bytes_lost(), 500'000U);
  }
}

TEST(V1Trace, AWholeTraceSurvivesEveryCut) {
  RecordWriter writer = begin();
  writer.record(EventType::GoSysCall, {10, 0}).record(EventType::GoSysBlock, {2});
  writer.batch(1, 1030).record(EventType::GoSysExit, {5, 1, 2, 1025});
  writer.string(1, "text").log({1, 1, 1, 0}, "message");
  writer.record(EventType::CPUSample, {0, 1008, 0, 1, 0});
  const RecordWriter whole = end(writer);
  for (std::size_t size = 16; size <= whole.size(); size++) {
    RecordWriter copy = whole;
    std::vector<std::byte> cut(copy.bytes().begin(),
                               copy.bytes().begin() + static_cast<std::ptrdiff_t>(size));
    cut.resize(size + RecordWriter::kPadding);
    const auto bytes = std::span<const std::byte>(cut).first(size);
    Health health;
    const auto strict =
        V1Trace::open(bytes, wire::kHeaderSize, Version::Go121, Judgement::Strict, health);
    EXPECT_EQ(strict.has_value(), size == whole.size());
    auto tolerant =
        V1Trace::open(bytes, wire::kHeaderSize, Version::Go121, Judgement::Tolerant, health);
    ASSERT_TRUE(tolerant.has_value());
    EXPECT_FALSE(drain(*tolerant).empty());
    EXPECT_EQ(health.whole(), size == whole.size()) << size;
  }
}

}  // namespace
}  // namespace marey::order
