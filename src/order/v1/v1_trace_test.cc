// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/v1_trace.h"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/order/v1/test_v1_trace.h"

namespace marey::order {
namespace {

using testing::ElementsAre;

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
  writer.record(EventType::Stack, {1, 2, 0x10, 1, 2, 5, 0x20, 3, 2, 6});
  writer.record(EventType::Stack, {2, 0});
  writer.record(EventType::GoSched, {1, 1}).record(EventType::GoStart, {1, 1, 2});
  writer.record(EventType::GoSched, {1, 2});  // a stack without frames is none
  writer.record(EventType::CPUSample, {0, 1008, 3, 1, 1});
  RecordWriter whole = end(writer);
  EXPECT_THAT(
      after_begin(events_of(whole)),
      ElementsAre("8 CPUSample m=-1 p=3 g=1 1 -1 3 1", "9 GoStop m=70 p=0 g=1 'runtime.Gosched' 1",
                  "10 GoStart m=70 p=0 g=1 1 2", "11 GoStop m=70 p=0 g=1 'runtime.Gosched'",
                  "12 Sync 2"));
  Health health;
  const auto trace =
      V1Trace::open(whole.bytes(), wire::kHeaderSize, Version::Go121, Judgement::Strict, health);
  ASSERT_TRUE(trace.has_value());
  const wire::Tables& tables = trace->tables();
  const auto frames = tables.stack(StackID{1});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(tables.frame(frames[1]).pc, 0x20U);
  EXPECT_EQ(tables.string(tables.frame(frames[1]).function), "main.g");
  EXPECT_EQ(trace->totals().cpu_samples, 1U);
  EXPECT_EQ(trace->totals().batches, 1U);
  EXPECT_EQ(trace->totals().procs, 1U);
}

// The runtime writes CPU samples as batches of proc 0, whose times say nothing about the others'.
TEST(V1Trace, BatchesOfSamplesMayOverlapThoseOfTheirProc) {
  const auto events = [](std::uint64_t before, std::uint64_t behind) {
    RecordWriter writer(Version::Go121);
    writer.batch(0, before).record(EventType::CPUSample, {0, before, 0, 1, 0});
    writer.batch(0, 1000);
    writer.record(EventType::GoCreate, {0, 1, 0, 0});
    writer.record(EventType::ProcStart, {5, 70}).record(EventType::GoStart, {1, 1, 1});
    writer.record(EventType::Gomaxprocs, {1, 4, 0});
    writer.record(EventType::GoSched, {10'000'000'000, 0});
    writer.batch(0, behind).record(EventType::CPUSample, {0, behind, 0, 1, 0});
    writer.batch(0, 10'000'001'010).record(EventType::GoStart, {1, 1, 2});
    return events_of(end(writer));
  };
  EXPECT_THAT(
      events(1003, 1008),
      ElementsAre("-1 Sync 1", "3 CPUSample m=-1 p=0 g=1 -1 1", "5 ProcStatus m=70 p=0 g=-1 1",
                  "6 GoStatus m=70 p=0 g=1 1 -1 2", "8 CPUSample m=-1 p=0 g=1 -1 1",
                  "10000000007 GoStop m=70 p=0 g=1 'runtime.Gosched'",
                  "10000000011 GoStart m=70 p=0 g=1 1 2", "10000000012 Sync 2"));
  EXPECT_THAT(
      events(9'000'000'000, 9'500'000'000),
      ElementsAre("-1 Sync 1", "5 ProcStatus m=70 p=0 g=-1 1", "6 GoStatus m=70 p=0 g=1 1 -1 2",
                  "8999999000 CPUSample m=-1 p=0 g=1 -1 1",
                  "9499999000 CPUSample m=-1 p=0 g=1 -1 1",
                  "10000000007 GoStop m=70 p=0 g=1 'runtime.Gosched'",
                  "10000000011 GoStart m=70 p=0 g=1 1 2", "10000000012 Sync 2"));
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

}  // namespace
}  // namespace marey::order
