// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <vector>

#include "marey/trace.h"

#include "src/base/test_files.h"
#include "src/index/pass.h"
#include "src/order/test_writer.h"
#include "src/simulation/random_trace.h"
#include "src/wire/generation_scanner.h"

// The health of a trace must be the same whether it is read event by event or its generations are
// ordered side by side.

namespace marey::index {
namespace {

using order::TestWriter;
using Type = wire::EventType;

class NoFold final : public Fold {
 public:
  void begin(const wire::Tables&, std::uint64_t) override {}
  void events(std::span<const Event::Record>) override {}
  void end(Time) override {}
  void merge(Fold&) override {}
};
class NoFoldMaker final : public FoldMaker {
 public:
  std::unique_ptr<Fold> make() const override { return std::make_unique<NoFold>(); }
};

/// Sums and kept reports of each kind of defect.
using Facts = std::vector<std::tuple<Defect, std::uint64_t, std::uint64_t, Duration, std::string>>;
Facts facts_of(const Health& health) {
  Facts facts;
  for (std::size_t i = 0; i < kDefectCount; i++) {
    const auto defect = static_cast<Defect>(i);
    const Health::Count& count = health.of(defect);
    if (count.count == 0) continue;
    facts.emplace_back(defect, count.count, count.bytes_lost, count.time_lost, "");
    for (const DefectReport& report : health.reports()) {
      if (report.defect != defect) continue;
      facts.emplace_back(defect, report.offset, report.generation, report.time_lost,
                         std::to_string(report.bytes_lost) + " " + report.detail);
    }
  }
  return facts;
}

/// The health of the trace; fails where a way of reading finds another. `ordered_again`: how many
/// generations a pass on two threads may order twice.
Health health_of(const std::string& bytes, std::uint64_t ordered_again = 0) {
  auto reader = Reader::of_bytes(std::as_bytes(std::span(bytes)));
  EXPECT_TRUE(reader);
  if (!reader) return {};
  Event event;
  while (reader->next(event) == Reader::Status::Event) continue;
  const Facts expected = facts_of(reader->health());

  const base::TemporaryDirectory directory;
  const std::string path = directory.write("x.trace", bytes);
  for (const unsigned threads : {1u, 2u, 5u}) {
    SCOPED_TRACE(testing::Message() << threads << " threads");
    PassOptions options;
    options.threads = threads;
    const auto counted = count_events(path, options);
    EXPECT_TRUE(counted);
    if (counted) {
      EXPECT_EQ(facts_of(counted->health), expected);
      EXPECT_LE(counted->ordered_again, ordered_again);
    }
    const auto folded = run_pass(path, options, NoFoldMaker{});
    EXPECT_TRUE(folded);
    if (folded) {
      EXPECT_EQ(facts_of(folded->health), expected);
      EXPECT_LE(folded->ordered_again, ordered_again);
    }
    options.strict = true;
    const auto strict = count_events(path, options);
    EXPECT_TRUE(strict);
    if (strict) {
      EXPECT_EQ(strict->health.total(), 0u);
    }
  }
  return reader->health();
}

std::vector<std::string> details(const Health& health, Defect defect) {
  std::vector<std::string> details;
  for (const DefectReport& report : health.reports()) {
    if (report.defect == defect) details.push_back(report.detail);
  }
  return details;
}

/// The report of the only defect.
DefectReport only_report(const Health& health, Defect defect) {
  EXPECT_EQ(health.total(), 1u);
  EXPECT_EQ(health.of(defect).count, 1u);
  if (health.reports().size() != 1) return {};
  const DefectReport& report = health.reports()[0];
  EXPECT_EQ(health.of(defect).time_lost, report.time_lost);
  EXPECT_EQ(health.of(defect).bytes_lost, report.bytes_lost);
  return report;
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

/// A trace whose thread 1 logs heap sizes from 1000 ticks on, ten ticks apart, so many that they
/// take three batches.
TestWriter logging_trace() {
  TestWriter trace;
  trace.generation(1, 1000).proc_running();
  while (trace.bytes.size() < std::size_t{2} * wire::kMaxBatchSize) {
    trace.event(Type::HeapAlloc, {1'000'000});
  }
  for (int i = 0; i < 1000; i++) trace.event(Type::HeapAlloc, {1'000'000});
  trace.end();
  return trace;
}

/// Where the content of a trace's n-th batch of events begins, and the base time.
struct BatchPlace {
  std::size_t content = 0;
  std::size_t size = 0;
  std::uint64_t time = 0;
};
BatchPlace batch_of(const std::string& bytes, std::size_t n) {
  wire::GenerationScanner scanner(wire::Version::Go126, nullptr);
  wire::GenerationLayout layout;
  EXPECT_EQ(scanner.next({std::as_bytes(std::span(bytes)), 0, true}, layout),
            wire::GenerationScanner::Status::Generation);
  for (const wire::BatchRef& batch : layout.batches) {
    if (batch.kind == wire::BatchKind::Events && n-- == 0) {
      return {batch.offset, batch.size, batch.time};
    }
  }
  ADD_FAILURE() << "no such batch";
  return {};
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

constexpr Duration kTick = 64;
/// Bytes of a HeapAlloc of logging_trace(), ten ticks long.
constexpr std::size_t kLogSize = 5;

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

std::vector<Time> times_of(const std::string& bytes, bool strict = false) {
  std::vector<Time> times;
  auto reader = Reader::of_bytes(std::as_bytes(std::span(bytes)), {strict});
  EXPECT_TRUE(reader);
  if (!reader) return times;
  Event event;
  while (reader->next(event) == Reader::Status::Event) times.push_back(event.time());
  EXPECT_FALSE(reader->error());
  return times;
}

constexpr std::uint64_t kHour = std::uint64_t{15'625'000} * 3600;  // ticks

/// Overwrites bytes.
void write_at(std::string& bytes, std::size_t offset, std::string_view with) {
  bytes.replace(offset, with.size(), with);
}

TEST(TimeLeaps, ADeltaEndsItsBatch) {
  const std::string whole = logging_trace().bytes;
  const std::vector<Time> expected = times_of(whole);
  // Those that it eats are whole events: what comes behind them can be decoded.
  for (const std::string_view delta :
       {"\xff\xff\xff\xff\xff\x7f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x80"}) {
    std::string bytes = whole;
    const BatchPlace place = batch_of(bytes, 1);
    const std::size_t before = 1000;
    write_at(bytes, place.content + before * kLogSize + 1, delta);
    const DefectReport report = only_report(health_of(bytes), Defect::TimeLeaps);
    EXPECT_EQ(report.offset, place.content + before * kLogSize);
    EXPECT_EQ(report.bytes_lost, place.size - before * kLogSize);
    const auto last = static_cast<Time>(place.time + 10 * (before - 1));
    EXPECT_EQ(report.time_lost, (static_cast<Time>(batch_of(bytes, 2).time) - last) * kTick);
    // What is left happens when it did.
    const std::vector<Time> times = times_of(bytes);
    EXPECT_EQ(times.size(), expected.size() - report.bytes_lost / kLogSize);
    EXPECT_TRUE(std::ranges::includes(expected, times));
    // Go does not mind.
    EXPECT_EQ(times_of(bytes, true).size(), expected.size() - delta.size() / kLogSize);
  }
}

TEST(TimeLeaps, ADayIsNone) {
  for (const std::uint64_t hours : {23, 25}) {
    TestWriter trace;
    trace.generation(1, 1000).proc_running().event_at(2000 + hours * kHour, Type::HeapAlloc, {1});
    trace.end();
    const Health health = health_of(trace.bytes);
    EXPECT_EQ(health.of(Defect::TimeLeaps).count, hours > 24 ? 1u : 0u);
    EXPECT_EQ(times_of(trace.bytes).size(), hours > 24 ? 3u : 4u);
    EXPECT_EQ(times_of(trace.bytes, true).size(), 4u);
  }
}

/// A trace from a hundred hours on, whose thread 2 has a batch of seven bytes at `ticks`.
std::string trace_with_batch_at(std::uint64_t ticks) {
  TestWriter trace;
  trace.generation(1, 100 * kHour).proc_running();
  trace.event_at(100 * kHour + 500, Type::HeapAlloc, {1});
  trace.thread(3).event_at(100 * kHour + 600, Type::ProcStatus, {1, 1});
  trace.thread(2).event_at(ticks, Type::ProcStatus, {2, 1}).event(Type::HeapAlloc, {1}).end();
  return trace.bytes;
}

TEST(TimeLeaps, ABatchOfAnotherTimeIsLeftOut) {
  for (const std::uint64_t ticks : {std::uint64_t{7}, 75 * kHour, 125 * kHour, 90'000 * kHour}) {
    SCOPED_TRACE(ticks);
    const std::string bytes = trace_with_batch_at(ticks);
    const DefectReport report = only_report(health_of(bytes), Defect::TimeLeaps);
    EXPECT_EQ(bytes.at(report.offset), static_cast<char>(Type::ProcStatus));
    EXPECT_EQ(report.bytes_lost, 7u);
    EXPECT_EQ(report.time_lost, 0);
    const auto begin = static_cast<Time>(100 * kHour) * kTick;
    const std::vector<Time> expected{begin, begin + 10 * kTick, begin + 500 * kTick,
                                     begin + 600 * kTick, begin + 600 * kTick + 1};
    EXPECT_EQ(times_of(bytes), expected);
    EXPECT_EQ(times_of(bytes, true).size(), 7u);
  }
  for (const std::uint64_t ticks : {77 * kHour, 123 * kHour}) {
    EXPECT_EQ(health_of(trace_with_batch_at(ticks)).of(Defect::TimeLeaps).count, 0u);
  }
}

TEST(TimeLeaps, ASampleOfAnotherTimeIsLeftOut) {
  TestWriter trace;
  trace.generation(1, 100 * kHour).proc_running();
  trace.sample(100 * kHour + 20).sample(3).sample(200 * kHour).event(Type::HeapAlloc, {1}).end();
  const Health health = health_of(trace.bytes);
  EXPECT_EQ(health.total(), 2u);
  EXPECT_EQ(health.of(Defect::TimeLeaps).count, 2u);
  const auto begin = static_cast<Time>(100 * kHour) * kTick;
  const std::vector<Time> expected{begin, begin + 10 * kTick, begin + 20 * kTick,
                                   begin + 20 * kTick + 1, begin + 20 * kTick + 2};
  EXPECT_EQ(times_of(trace.bytes), expected);
}

TEST(TimeLeaps, ATableOfAnotherTimeIsReadWithoutItsClock) {
  TestWriter trace;
  trace.generation(1, 5).thread(1);
  trace.event_at(100 * kHour, Type::ProcStatus, {0, 1}).event(Type::HeapAlloc, {1});
  trace.thread(2).event_at(100 * kHour + 20, Type::ProcStatus, {1, 1}).end();
  only_report(health_of(trace.bytes), Defect::TimeLeaps);
  auto reader = Reader::of_bytes(std::as_bytes(std::span(trace.bytes)));
  ASSERT_TRUE(reader);
  Event event;
  ASSERT_EQ(reader->next(event), Reader::Status::Event);
  EXPECT_EQ(event.time(), static_cast<Time>(100 * kHour) * kTick);
  EXPECT_FALSE(reader->wall_time(event.time()));
}

TEST(TimeLeaps, ADamagedFrequencyMakesNone) {
  std::string bytes = logging_trace().bytes;
  const std::size_t sync = bytes.find("\x08\xa8\xd6\xb9\x07");  // 15'625'000
  ASSERT_NE(sync, std::string::npos);
  write_at(bytes, sync, "\x08\xa1\x80\x80");
  bytes[sync + 4] = 0;
  EXPECT_EQ(health_of(bytes).of(Defect::TimeLeaps).count, 0u);
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
