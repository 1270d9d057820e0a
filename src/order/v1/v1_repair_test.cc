// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "src/order/v1/test_v1_trace.h"

// What is damaged, in v1 traces, and how it is mended.

namespace marey::order {
namespace {

using testing::ElementsAre;

TEST(V1Repair, NothingToReadIsOneDefect) {
  const Repaired result = repaired(RecordWriter(Version::Go121));
  EXPECT_THAT(result.events, ElementsAre("0 Sync 1"));
  EXPECT_EQ(result.health.of(Defect::EmptyTrace).count, 1U);
  EXPECT_EQ(result.health.total(), 1U);
}

TEST(V1Repair, ACutOffTraceIsReadToItsEnd) {
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

TEST(V1Repair, WithoutAnOrderTimeDecides) {
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

TEST(V1Repair, MisnestedRegionsKeepBothEnds) {
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

TEST(V1Repair, RegionsThatAGoroutineLeavesOpenAreCounted) {
  RecordWriter writer = begin();
  for (const std::uint64_t name : {1, 2}) writer.record(EventType::UserRegion, {1, 0, 0, name, 0});
  writer.record(EventType::GoEnd, {1}).string(1, "outer").string(2, "inner");
  const Repaired result = repaired(end(writer));
  EXPECT_EQ(result.health.of(Defect::UnclosedRegion).count, 2U);
  EXPECT_EQ(result.health.total(), 2U);
  ASSERT_EQ(result.health.reports().size(), 2U);
  EXPECT_EQ(result.health.reports()[0].detail, "goroutine 1 ended in region \"outer\"");
  EXPECT_EQ(result.health.reports()[1].detail, "goroutine 1 ended in region \"inner\"");
}

TEST(V1Repair, EventsOfNobodyAreLeftOut) {
  RecordWriter writer = begin();
  writer.record(EventType::GoEnd, {1}).record(EventType::GoBlock, {1, 0});
  writer.record(EventType::HeapAlloc, {1, 5});
  const Repaired result = repaired(end(writer));
  EXPECT_THAT(after_begin(result.events),
              ElementsAre("8 GoDestroy m=70 p=0 g=1", "10 HeapAlloc m=70 p=0 g=-1 5", "11 Sync 2"));
  EXPECT_EQ(result.health.of(Defect::DroppedEvent).count, 1U);
}

TEST(V1Repair, ABatchKeepsToTheTimesOfItsNeighbours) {
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

TEST(V1Repair, AnImpossibleSecondBatchDoesNotMoveTheFirst) {
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

TEST(V1Repair, TextsAreNoLongerThanTheRuntimeWroteThem) {
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

TEST(V1Repair, UnknownIdsAreCounted) {
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

TEST(V1Repair, IdsThatTheTablesLeaveOutAreCountedInAWholeTrace) {
  RecordWriter writer = begin();
  writer.string(1, "main.f").string(3, "main.go");
  writer.record(EventType::Stack, {1, 1, 0x10, 1, 3, 5})
      .record(EventType::Stack, {3, 1, 0x20, 2, 3, 5});
  writer.record(EventType::GoSched, {1, 2}).record(EventType::GoStart, {1, 1, 2});
  writer.record(EventType::GoSched, {1, 2}).record(EventType::GoStart, {1, 1, 3});
  const Repaired result = repaired(end(writer));
  EXPECT_EQ(result.health.of(Defect::UnknownStack).count, 1U) << "stack 2";
  EXPECT_EQ(result.health.of(Defect::UnknownString).count, 1U) << "the function of stack 3";
  EXPECT_EQ(result.health.total(), 2U);
}

TEST(V1Repair, UnknownStringsAreNotTakenForOurOwn) {
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

TEST(V1Repair, ASecondTraceIsReadAsAContinuation) {
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

TEST(V1Repair, ATraceOfTheOtherFormatIsLeftOutWithAdvice) {
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

TEST(V1Repair, TimeNeverRunsOver) {
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

TEST(V1Repair, ALeapBeyondAllReasonIsLeftOut) {
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

TEST(V1Repair, ABatchOfAnotherAgeIsLeftOutUnlessItsTimeCanBeKnown) {
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

TEST(V1Repair, GoroutinesThatCannotBeAreLeftOut) {
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

TEST(V1Repair, AnImpossibleFrequencyIsNone) {
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

TEST(V1Repair, NoiseIsAnEmptyTrace) {
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

TEST(V1Repair, AWholeTraceSurvivesEveryCut) {
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
