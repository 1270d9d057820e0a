// SPDX-License-Identifier: Apache-2.0
#include "src/index/test_health.h"
#include "src/simulation/random_trace.h"

namespace marey::index {
namespace {

std::vector<std::string> details(const Health& health, Defect defect) {
  std::vector<std::string> details;
  for (const DefectReport& report : health.reports()) {
    if (report.defect == defect) details.push_back(report.detail);
  }
  return details;
}

TEST(UnclosedRegions, CountWhereverTheyHaveBegun) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2});
  trace.begin_region("outer").event(Type::GoCreate, {2, 0, 0}).event(Type::GoStop, {0, 0});
  trace.event(Type::GoStart, {2, 1}).begin_region("a").begin_region("closed").begin_region("b", 7);
  trace.event(Type::GoStop, {0, 0});
  trace.generation(2, 2000).proc_running();
  trace.event(Type::GoStatus, {1, ~0ull, 1}).event(Type::GoStatus, {2, ~0ull, 1});
  trace.event(Type::GoStart, {2, 1}).end_region("b", 7).end_region("closed").begin_region("c");
  trace.event(Type::GoStop, {0, 0});
  trace.generation(3, 3000).proc_running();
  trace.event(Type::GoStatus, {1, ~0ull, 1}).event(Type::GoStatus, {2, ~0ull, 1});
  trace.event(Type::GoStart, {2, 1}).begin_region("d").begin_region("e").end_region("e");
  trace.event(Type::GoDestroy);
  trace.event(Type::GoCreate, {3, 0, 0}).event(Type::GoStart, {3, 1}).begin_region("f");
  trace.event(Type::GoDestroy);
  trace.event(Type::GoStart, {1, 1}).end_region("outer").event(Type::GoDestroy).end();

  const Health health = health_of(trace.bytes);
  EXPECT_EQ(health.total(), 4u);
  EXPECT_FALSE(health.whole());
  const std::vector<std::string> expected{
      "goroutine 2 ended in region \"a\"", "goroutine 2 ended in region \"c\"",
      "goroutine 2 ended in region \"d\"", "goroutine 3 ended in region \"f\""};
  EXPECT_EQ(details(health, Defect::UnclosedRegion), expected);
  for (const DefectReport& report : health.reports()) {
    EXPECT_EQ(report.generation, 3u);
    EXPECT_EQ(trace.bytes.at(report.offset), static_cast<char>(Type::GoDestroy));
    EXPECT_EQ(report.bytes_lost, 0u);
  }
}

TEST(UnclosedRegions, CountHoweverTheGoroutineEnds) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2});
  trace.begin_region("before").event(Type::GoCreateBlocked, {2, 0, 0});
  trace.generation(2, 2000).proc_running().event(Type::GoStatus, {1, 1, 2});
  trace.event(Type::GoStatus, {2, ~0ull, 4}).begin_region("switch", 300);
  trace.event(Type::GoSwitchDestroy, {2, 1}).begin_region("call");
  trace.event(Type::GoSyscallBegin, {1, 0}).event(Type::GoDestroySyscall).end();

  const Health health = health_of(trace.bytes);
  EXPECT_EQ(health.total(), 3u);
  const std::vector<std::string> expected{"goroutine 1 ended in region \"before\"",
                                          "goroutine 1 ended in region \"switch\" of task 300",
                                          "goroutine 2 ended in region \"call\""};
  EXPECT_EQ(details(health, Defect::UnclosedRegion), expected);
  const auto& reports = health.reports();
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(trace.bytes.at(reports[1].offset), static_cast<char>(Type::GoSwitchDestroy));
  EXPECT_EQ(trace.bytes.at(reports[2].offset), static_cast<char>(Type::GoDestroySyscall));
}

TEST(UnclosedRegions, AreNotThoseOfTheNextGoroutineWithTheId) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2}).begin_region("open");
  trace.generation(2, 2000).proc_running().event(Type::GoStatus, {1, 1, 2}).event(Type::GoDestroy);
  trace.event(Type::GoCreate, {1, 0, 0});
  trace.generation(3, 3000).proc_running().event(Type::GoStatus, {1, ~0ull, 1});
  trace.event(Type::GoStart, {1, 1}).event(Type::GoDestroy).end();

  const Health health = health_of(trace.bytes);
  EXPECT_EQ(only_report(health, Defect::UnclosedRegion).generation, 2u);
}

TEST(UnclosedRegions, OpenAtTheEndOfTheTraceAreNone) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2}).begin_region("open");
  trace.generation(2, 2000).proc_running().event(Type::GoStatus, {1, 1, 2}).begin_region("too");
  EXPECT_EQ(health_of(trace.end().bytes).total(), 0u);
}

TEST(UnclosedRegions, OneThatEndsOutOfTurnIsNotLeftOpen) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2}).begin_region("old");
  trace.generation(2, 2000).proc_running().event(Type::GoStatus, {1, 1, 2}).begin_region("new");
  trace.end_region("old").event(Type::GoDestroy).end();

  const Health health = health_of(trace.bytes, 1);
  EXPECT_EQ(health.of(Defect::MisnestedRegion).count, 1u);
  EXPECT_EQ(details(health, Defect::UnclosedRegion),
            std::vector<std::string>{"goroutine 1 ended in region \"new\""});
}

TEST(UnclosedRegions, AreNotJudgedWhereEventsAreMissing) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2});
  trace.event(Type::GoUnblock, {2, 7, 0});  // of a goroutine that nobody has told of
  trace.begin_region("old").event(Type::GoDestroy).end();

  const Health health = health_of(trace.bytes);
  EXPECT_GT(health.total(), 0u);
  EXPECT_EQ(health.of(Defect::UnclosedRegion).count, 0u);
}

TEST(UnclosedRegions, OnlyTheFirstOnesAreKept) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2});
  for (int i = 0; i < 30; i++) trace.begin_region("old");
  trace.generation(2, 2000).proc_running().event(Type::GoStatus, {1, 1, 2});
  for (int i = 0; i < 30; i++) trace.begin_region("new");
  trace.event(Type::GoDestroy).end();

  const Health health = health_of(trace.bytes);
  EXPECT_EQ(health.of(Defect::UnclosedRegion).count, 60u);
  EXPECT_EQ(details(health, Defect::UnclosedRegion),
            std::vector<std::string>(Health::kKept, "goroutine 1 ended in region \"old\""));
}

TEST(PassHealth, ReportsPointToTheEvent) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event(Type::GoStatus, {1, 1, 2});
  trace.event(Type::UserLog, {400, 0, 0, 9'000}).event(Type::HeapAlloc, {1});
  trace.thread(raw(kNoThread)).event(Type::GoStatus, {2, ~0ull, 4});
  trace.event_at(2'000'000, Type::SpanAlloc, {70'000, 8, 900}).end();
  const Health health = health_of(trace.bytes);
  ASSERT_EQ(health.reports().size(), 2u);
  const DefectReport& stack = health.reports()[0];
  EXPECT_EQ(stack.defect, Defect::UnknownStack);
  EXPECT_EQ(trace.bytes.at(stack.offset), static_cast<char>(Type::UserLog));
  EXPECT_EQ(trace.bytes.at(stack.offset + 1), 10);  // the time
  const DefectReport& dropped = health.reports()[1];
  EXPECT_EQ(dropped.defect, Defect::DroppedEvent);
  // An experimental event's type looks like a part of a number.
  EXPECT_EQ(trace.bytes.at(dropped.offset), static_cast<char>(Type::SpanAlloc));
}

TEST(TimeLost, OfABadBatchIsThatUpToTheThreadsNextBatch) {
  std::string bytes = logging_trace().bytes;
  const BatchPlace place = batch_of(bytes, 1);
  const std::size_t whole = 1000;
  bytes[place.content + whole * kLogSize] = '\xff';  // no type of event
  const Health health = health_of(bytes);
  const DefectReport report = only_report(health, Defect::BadBatch);
  EXPECT_EQ(report.offset, place.content + whole * kLogSize);
  EXPECT_EQ(report.bytes_lost, place.size - whole * kLogSize);
  // The first event of a batch is at its base time.
  const auto last = static_cast<Time>(place.time + 10 * (whole - 1));
  EXPECT_EQ(report.time_lost, (static_cast<Time>(batch_of(bytes, 2).time) - last) * kTick);
}

TEST(TimeLost, OfTheLastBatchIsUnknown) {
  std::string bytes = logging_trace().bytes;
  const BatchPlace place = batch_of(bytes, 2);
  bytes[place.content + 10 * kLogSize] = '\xff';
  EXPECT_EQ(only_report(health_of(bytes), Defect::BadBatch).time_lost, 0);
}

TEST(TimeLost, OfMissingGenerationsIsThatBetweenTheirNeighbours) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running().event_at(1500, Type::HeapAlloc, {1});
  trace.generation(4, 90'000).proc_running().event_at(90'500, Type::HeapAlloc, {1});
  trace.generation(5, 91'000).proc_running().end();
  const DefectReport report = only_report(health_of(trace.bytes, 1), Defect::LostGeneration);
  EXPECT_EQ(report.generation, 2u);
  EXPECT_EQ(report.time_lost, (90'000 - 1500) * kTick);
}

TEST(PassHealth, OfRandomTracesIsThatOfTheReader) {
  for (std::uint64_t seed = 1; seed <= 20; seed++) {
    SCOPED_TRACE(seed);
    const auto trace = simulation::make_random_trace({.seed = seed, .generations = 4});
    ASSERT_TRUE(trace);
    const std::string bytes(reinterpret_cast<const char*>(trace->bytes.data()),
                            trace->bytes.size());
    const Health health = health_of(bytes, 3);
    EXPECT_EQ(health.total(), health.of(Defect::UnclosedRegion).count);
    EXPECT_GT(health.total(), 0u);
  }
}

}  // namespace
}  // namespace marey::index
