// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/batch_index.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/wire/v1/record_writer.h"

namespace marey::order::v1 {
namespace {

using wire::Version;
using wire::v1::EventType;
using wire::v1::RecordWriter;

constexpr std::size_t kHeaderSize = 16;

/// So many events that nobody takes them for something else.
void add_events(RecordWriter& writer, int count) {
  for (int i = 0; i < count; i++) writer.record(EventType::HeapAlloc, {5, 1000});
}

RecordWriter two_batches() {
  RecordWriter writer(Version::Go121);
  writer.batch(3, 1000).string(7, "seven");
  add_events(writer, 40);
  writer.batch(1, 900).record(EventType::Frequency, {1'000'000});
  return writer;
}

std::string strict_error(RecordWriter writer) {
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                       Judgement::Strict, false, health);
  return index ? "" : index.error().message;
}

TEST(V1BatchIndex, FindsBatches) {
  RecordWriter writer = two_batches();
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                       Judgement::Strict, false, health);
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->batch_count, 2U);
  EXPECT_EQ(index->max_string_id, 7U);
  EXPECT_EQ(index->end, writer.size());
  ASSERT_EQ(index->procs.size(), 2U);
  EXPECT_EQ(index->procs[0].id, 1) << "by rising id";
  EXPECT_EQ(index->procs[1].id, 3);
  ASSERT_EQ(index->procs[1].batches.size(), 1U);
  EXPECT_EQ(index->procs[1].batches[0].offset(), kHeaderSize);
  EXPECT_TRUE(index->procs[1].batches[0].has_tables());
  EXPECT_FALSE(index->procs[1].batches[0].damaged());
}

TEST(V1BatchIndex, SamplesAreSortedByTheirTimes) {
  RecordWriter writer(Version::Go119);
  writer.batch(0, 1);
  for (const std::uint64_t ticks : {50, 20, 30, 20}) {
    writer.record(EventType::CPUSample, {0, ticks, 0, 1, 0});
  }
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go119,
                                       Judgement::Strict, false, health);
  ASSERT_TRUE(index.has_value());
  ASSERT_EQ(index->samples.size(), 4U);
  EXPECT_EQ(index->samples[0].ticks, 20);
  EXPECT_EQ(index->samples[3].ticks, 50);
  EXPECT_LT(index->samples[0].offset, index->samples[1].offset) << "ties in the file's order";
}

TEST(V1BatchIndex, StrictFaultsOfTheFirstReading) {
  EXPECT_EQ(strict_error(two_batches().byte(0)), "unknown event type 0");
  EXPECT_EQ(strict_error(RecordWriter(Version::Go121).record(EventType::ProcStart, {1, 2})),
            "read event 5 with current P of 0, but P has no batches yet");
  EXPECT_EQ(strict_error(two_batches().record(EventType::CPUSample, {1, 2})),
            "CPU sample has wrong number of arguments: want 5, got 0");
  EXPECT_EQ(strict_error(two_batches().byte(37).varint(8).varint(9)), "failed to read trace: EOF");
  // Found when the batch's turn comes, or not at all.
  EXPECT_EQ(strict_error(two_batches().record(EventType::ProcStart, {1, 2, 3})), "");
  EXPECT_EQ(strict_error(two_batches().string(7, "")), "");
  EXPECT_EQ(strict_error(RecordWriter(Version::Go121).string(1, "nobody's")), "");
}

TEST(V1BatchIndex, TolerantGoesOnBehindARecord) {
  RecordWriter writer = two_batches();
  const std::size_t begin = writer.size();
  writer.record(EventType::ProcStart, {1, 2, 3});  // one argument too many
  const std::size_t end = writer.size();
  add_events(writer, 40);
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                       Judgement::Tolerant, true, health);
  ASSERT_TRUE(index.has_value());
  ASSERT_EQ(index->gaps.size(), 1U);
  EXPECT_EQ(index->gaps[0].begin, begin);
  EXPECT_EQ(index->gaps[0].end, end);
  EXPECT_TRUE(index->procs[0].batches[0].damaged());
  EXPECT_FALSE(index->procs[1].batches[0].damaged());
  EXPECT_EQ(health.of(Defect::BadBatch).count, 1U);
  EXPECT_EQ(health.bytes_lost(), end - begin);
  ASSERT_FALSE(health.reports().empty());
  EXPECT_EQ(health.reports()[0].offset, begin);
  EXPECT_EQ(health.reports()[0].detail, "ProcStart has wrong number of arguments: want 2, got 3");
}

TEST(V1BatchIndex, TolerantGoesOnAtTheNextBatch) {
  RecordWriter writer(Version::Go121);
  writer.batch(3, 1000);
  add_events(writer, 40);
  const std::size_t begin = writer.size();
  for (int i = 0; i < 4000; i++) writer.byte(0);
  const std::size_t end = writer.size();
  writer.batch(1, 2000);
  add_events(writer, 40);
  writer.record(EventType::Frequency, {1'000'000});
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                       Judgement::Tolerant, true, health);
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->batch_count, 2U);
  ASSERT_EQ(index->gaps.size(), 1U);
  EXPECT_EQ(index->gaps[0].begin, begin);
  EXPECT_EQ(index->gaps[0].end, end);
  EXPECT_EQ(health.of(Defect::BadBatch).bytes_lost, end - begin);
  EXPECT_EQ(health.total(), 1U);
}

TEST(V1BatchIndex, TolerantTellsTruncationFromRubbish) {
  {
    RecordWriter writer = two_batches();
    writer.byte(13 | 3 << 6).varint(20).text("cut");
    Health health;
    ASSERT_TRUE(BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121, Judgement::Tolerant,
                                  true, health));
    EXPECT_EQ(health.of(Defect::TruncatedFile).count, 1U);
    EXPECT_EQ(health.of(Defect::TruncatedFile).bytes_lost, 5U);
  }
  {
    RecordWriter writer = two_batches();
    for (int i = 0; i < 1000; i++) writer.byte(0);
    Health health;
    ASSERT_TRUE(BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121, Judgement::Tolerant,
                                  true, health));
    EXPECT_EQ(health.of(Defect::ForeignBytes).bytes_lost, 1000U);
    EXPECT_EQ(health.of(Defect::TruncatedFile).count, 0U);
  }
  {
    RecordWriter writer(Version::Go121);
    writer.batch(0, 1);
    add_events(writer, 3);  // whole records, but no frequency
    Health health;
    ASSERT_TRUE(BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121, Judgement::Tolerant,
                                  true, health));
    EXPECT_EQ(health.of(Defect::TruncatedFile).count, 1U);
  }
}

TEST(V1BatchIndex, SamplesFromAnotherAgeAreDropped) {
  constexpr std::uint64_t kAge = std::uint64_t{1} << 50;
  for (const std::uint64_t last_batch : {std::uint64_t{900}, kAge}) {
    RecordWriter writer(Version::Go121);
    writer.batch(3, 1000);
    for (const std::uint64_t ticks : {std::uint64_t{1001}, kAge * 2, std::uint64_t{1002}}) {
      writer.record(EventType::CPUSample, {0, ticks, 0, 1, 0});
    }
    writer.batch(1, last_batch).record(EventType::Frequency, {1'000'000});
    Health health;
    const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                         Judgement::Tolerant, true, health);
    ASSERT_TRUE(index.has_value());
    ASSERT_EQ(index->samples.size(), 2U)
        << "even if a batch has an impossible time: " << last_batch;
    EXPECT_EQ(index->samples[1].ticks, 1002);
    EXPECT_EQ(health.of(Defect::DroppedEvent).count, 1U);
  }
}

TEST(V1BatchIndex, AnotherHeaderEndsTheTrace) {
  RecordWriter writer = two_batches();
  const std::size_t end = writer.size();
  writer.header(Version::Go119).batch(0, 5);
  add_events(writer, 5);
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                       Judgement::Tolerant, true, health);
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->end, end);
  EXPECT_EQ(find_header(writer.bytes(), end), Version::Go119);
  EXPECT_EQ(find_header(writer.bytes(), end + 1), std::nullopt);
  EXPECT_EQ(health.total(), 0U);
}

TEST(V1BatchIndex, AHeaderBehindACutOffRecordIsFound) {
  RecordWriter writer = two_batches();
  writer.batch(3, 2000);
  add_events(writer, 40);
  const std::size_t begin = writer.size();
  // Its text would run over the next trace's header, and over a batch of it.
  writer.byte(static_cast<unsigned>(EventType::String)).varint(8).varint(40).text("cut");
  const std::size_t header = writer.size();
  writer.header(Version::Go119).batch(5, 1000);
  add_events(writer, 40);
  writer.batch(6, 1000).byte(0);
  add_events(writer, 40);
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                       Judgement::Tolerant, true, health);
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->end, header);
  EXPECT_EQ(index->batch_count, 3U);
  ASSERT_EQ(index->procs.size(), 2U);
  EXPECT_EQ(index->procs[0].id, 1);
  EXPECT_EQ(index->procs[1].id, 3);
  EXPECT_EQ(index->procs[1].batches.size(), 2U);
  ASSERT_EQ(index->gaps.size(), 1U);
  EXPECT_EQ(index->gaps[0].begin, begin);
  EXPECT_EQ(index->gaps[0].end, header);
  EXPECT_EQ(health.of(Defect::TruncatedFile).bytes_lost, header - begin);
  EXPECT_EQ(health.total(), 1U);
}

TEST(V1BatchIndex, ThereAreNotAnyNumberOfProcs) {
  RecordWriter writer(Version::Go121);
  for (std::uint64_t proc = 0; proc <= 1 << 16; proc++) {
    writer.batch(proc, 5).record(EventType::ProcStart, {0, 1});
  }
  EXPECT_EQ(strict_error(writer), "") << "Go has no such limit";
  Health health;
  const auto index = BatchIndex::build(writer.bytes(), kHeaderSize, Version::Go121,
                                       Judgement::Tolerant, true, health);
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->procs.size(), 1U << 16);
  EXPECT_FALSE(health.whole());
}

}  // namespace
}  // namespace marey::order::v1
