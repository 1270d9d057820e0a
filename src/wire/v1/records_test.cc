// SPDX-License-Identifier: Apache-2.0
#include "src/wire/v1/records.h"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "src/wire/v1/event_decoder.h"
#include "src/wire/v1/record_writer.h"

namespace marey::wire::v1 {
namespace {

using Outcome = RecordReader::Outcome;

TEST(V1EventTypes, ArgumentsAreDerived) {
  EXPECT_EQ(spec_of(EventType::GoUnblock).wire_count, 4);  // time, g, seq, stack
  EXPECT_TRUE(spec_of(EventType::GoUnblock).has_stack);
  EXPECT_EQ(spec_of(EventType::GoSysExit).wire_count, 4);
  EXPECT_FALSE(spec_of(EventType::GoSysExit).has_stack);
  EXPECT_EQ(spec_of(EventType::Frequency).wire_count, 1);  // no time
  EXPECT_EQ(spec_of(EventType::CPUSample).wire_count, 5);
  EXPECT_FALSE(known(EventType::CPUSample, Version::Go111));
  EXPECT_TRUE(known(EventType::CPUSample, Version::Go119));
  EXPECT_FALSE(known(EventType::None, Version::Go121));
  EXPECT_FALSE(known(static_cast<EventType>(50), Version::Go121));
}

/// The fault of reading (or checking) the one record in `writer`; "" if there is none.
std::string fault_of(RecordWriter writer, Version version = Version::Go121) {
  RecordReader reader(writer.bytes(), version);
  Record record;
  switch (reader.read(record)) {
    case Outcome::End: return "end";
    case Outcome::Fault:
      EXPECT_EQ(reader.position(), 0U) << "on failure the reader has not moved";
      return to_message(reader.fault());
    case Outcome::Record: break;
  }
  EXPECT_EQ(reader.position(), writer.size());
  const auto fault = check(record);
  return fault ? to_message(*fault) : "";
}

std::string skim_fault_of(RecordWriter writer) {
  RecordReader reader(writer.bytes(), Version::Go121);
  Record record;
  switch (reader.skim(record)) {
    case Outcome::End: return "end";
    case Outcome::Fault: return to_message(reader.fault());
    case Outcome::Record: break;
  }
  return "";
}

TEST(V1RecordReader, ReadsArguments) {
  RecordWriter writer;
  writer.batch(UINT64_MAX, 77).record(EventType::GoUnblock, {1, 2, 300, 70000}).string(9, "nine");
  writer.log({4, 5, 6, 7}, "text").record(EventType::GoEnd, {3});
  RecordReader reader(writer.bytes(), Version::Go121);
  Record record;
  ASSERT_EQ(reader.read(record), Outcome::Record);
  EXPECT_EQ(record.type, EventType::Batch);
  EXPECT_EQ(record.args, (std::vector<std::uint64_t>{UINT64_MAX, 77}));
  ASSERT_EQ(reader.read(record), Outcome::Record);
  EXPECT_EQ(record.type, EventType::GoUnblock);
  EXPECT_EQ(record.args, (std::vector<std::uint64_t>{1, 2, 300, 70000}));
  ASSERT_EQ(reader.read(record), Outcome::Record);
  EXPECT_EQ(record.text, "nine");
  EXPECT_EQ(record.args[0], 9U);
  ASSERT_EQ(reader.read(record), Outcome::Record);
  EXPECT_EQ(record.text, "text");
  EXPECT_EQ(record.args, (std::vector<std::uint64_t>{4, 5, 6, 7}));
  ASSERT_EQ(reader.read(record), Outcome::Record);
  EXPECT_EQ(record.type, EventType::GoEnd);
  EXPECT_EQ(reader.read(record), Outcome::End);
  EXPECT_EQ(reader.position(), writer.size());
}

TEST(V1RecordReader, FaultsHaveGosMessages) {
  using enum EventType;
  EXPECT_EQ(fault_of(RecordWriter().byte(0)), "unknown event type 0");
  EXPECT_EQ(fault_of(RecordWriter().byte(63)), "unknown event type 63");
  EXPECT_EQ(fault_of(RecordWriter().record(CPUSample, {1, 2, 3, 4, 5}), Version::Go111),
            "unknown event type 49");
  EXPECT_EQ(fault_of(RecordWriter().byte(15).byte(0x80)),
            "failed to read event 15 argument: malformatted base-128 varint");
  EXPECT_EQ(fault_of(RecordWriter().byte(13 | 3 << 6).varint(2).byte(0x80).byte(0x80)),
            "malformatted base-128 varint");
  EXPECT_EQ(fault_of(RecordWriter().byte(13 | 3 << 6).varint(2049)),
            "failed to read event 13 argument: length-prefixed argument too big: 2049 bytes, limit "
            "is 2048");
  EXPECT_EQ(fault_of(RecordWriter().byte(13 | 3 << 6).varint(4).byte(1)),
            "failed to read trace: unexpected EOF");
  EXPECT_EQ(fault_of(RecordWriter().record(Batch, {1, 2, 3})),
            "EvBatch has wrong number of arguments: got 3, want 2");
  EXPECT_EQ(fault_of(RecordWriter().batch(1U << 31, 0)),
            "processor ID 2147483648 is larger than maximum of 18446744073709551615");
  EXPECT_EQ(fault_of(RecordWriter().string(0, "x")), "string has invalid id 0");
  EXPECT_EQ(fault_of(RecordWriter().string(1, "")), "string has invalid length 0");
  EXPECT_EQ(fault_of(RecordWriter().byte(37).varint(1).varint(1000001)),
            "string has too large length 1000001");
  EXPECT_EQ(fault_of(RecordWriter().byte(37).varint(1).varint(5).text("four")),
            "failed to read trace: unexpected EOF");
  EXPECT_EQ(fault_of(RecordWriter().record(Gomaxprocs, {1})),
            "Gomaxprocs has wrong number of arguments: want 3, got 1");
  EXPECT_EQ(fault_of(RecordWriter().record(CPUSample, {1, 2, 3, 4})),
            "CPU sample has wrong number of arguments: want 5, got 4");
  EXPECT_EQ(fault_of(RecordWriter().record(Stack, {1})),
            "EvStack has wrong number of arguments: want at least 2, got 1");
  EXPECT_EQ(fault_of(RecordWriter().record(Stack, {1, 1001})),
            "EvStack has bad number of frames: 1001");
  EXPECT_EQ(fault_of(RecordWriter().record(Stack, {1, 1, 2, 3, 4})),
            "EvStack has wrong number of arguments: want 6, got 5");
  EXPECT_EQ(fault_of(RecordWriter().record(Frequency, {0})), "time stamps out of order");
  EXPECT_EQ(fault_of(RecordWriter().record(Frequency, {std::uint64_t{1} << 63})),
            "time stamps out of order");
  EXPECT_EQ(fault_of(RecordWriter().record(Frequency, {5})), "");
  EXPECT_EQ(fault_of(RecordWriter().record(Stack, {1, 1, 2, 3, 4, 5})), "");
}

TEST(V1RecordReader, SkimmingFindsOtherFaults) {
  // Go's first reading does not look into strings and arguments, and ends where the text of a log
  // is cut off.
  EXPECT_EQ(skim_fault_of(RecordWriter().string(0, "x")), "");
  EXPECT_EQ(skim_fault_of(RecordWriter().byte(37).varint(1).varint(5).text("four")),
            "failed to read trace: EOF");
  EXPECT_EQ(skim_fault_of(RecordWriter().byte(13 | 3 << 6).varint(1).byte(0x80)), "");
  EXPECT_EQ(skim_fault_of(RecordWriter().byte(13 | 3 << 6).varint(4).byte(1)),
            "failed to read trace: EOF");
  EXPECT_EQ(skim_fault_of(RecordWriter().byte(49 | 3 << 6).varint(1).byte(0x80)),
            "malformatted base-128 varint");
  RecordWriter log;
  log.record(EventType::UserLog, {1, 2, 3, 4}).varint(9).text("short");
  EXPECT_EQ(fault_of(log), "failed to read trace: unexpected EOF");
  EXPECT_EQ(skim_fault_of(log), "end");
}

TEST(V1EventDecoder, VarintsAreThoseOfThePlainDecoder) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; i++) {
    const std::uint64_t value = random() >> (random() % 64);
    std::vector<std::byte> bytes;
    append_varint(bytes, value);
    const std::size_t size = bytes.size();
    while (bytes.size() < 32) bytes.push_back(static_cast<std::byte>(random()));
    std::uint64_t decoded = 0;
    EXPECT_EQ(decode_varint(bytes.data(), decoded), bytes.data() + size);
    EXPECT_EQ(decoded, value);
    EXPECT_EQ(decode_delta(bytes.data(), decoded), bytes.data() + size);
    EXPECT_EQ(decoded, value);
  }
}

TEST(V1EventDecoder, SkimsOnlyWhatThePlainReaderReads) {
  std::mt19937_64 random(2);
  std::size_t skimmed = 0;
  for (int i = 0; i < 200000; i++) {
    std::vector<std::byte> bytes;
    bytes.push_back(static_cast<std::byte>(random()));
    if (random() % 2 == 0) bytes.push_back(static_cast<std::byte>(random() % 24));
    // Long and short varints, now and then one that never ends.
    const std::uint64_t odds = random() % 12;
    while (bytes.size() < 64) {
      bytes.push_back(static_cast<std::byte>((random() % 128) | (random() % 12 < odds ? 128 : 0)));
    }
    const auto first = std::to_integer<std::uint8_t>(bytes[0]);
    const std::byte* const end = skim_event(bytes.data(), skim_action(first, Version::Go121));
    if (end == nullptr) continue;
    skimmed++;
    RecordReader reader(bytes, Version::Go121);
    Record record;
    ASSERT_EQ(reader.read(record), Outcome::Record);
    EXPECT_FALSE(check(record).has_value());
    EXPECT_EQ(bytes.data() + reader.position(), end);
    EXPECT_TRUE(spec_of(record.type).timed());
  }
  EXPECT_GT(skimmed, 5000U);
}

TEST(V1EventDecoder, SkimsEveryUsualEvent) {
  // The other way round: what the runtime writes is not left to the plain reader.
  for (unsigned number = 1; number < kEventTypeCount; number++) {
    const auto type = static_cast<EventType>(number);
    const EventSpec& spec = spec_of(type);
    if (spec.layout != Layout::Timed) continue;
    RecordWriter writer;
    switch (spec.wire_count) {
      case 1: writer.record(type, {500}); break;
      case 2: writer.record(type, {500, 70}); break;
      case 3: writer.record(type, {500, 70, 90000}); break;
      case 4: writer.record(type, {500, 70, 90000, 1}); break;
      default: writer.record(type, {500, 70, 90000, 1, 2}); break;
    }
    const std::size_t size = writer.size();
    for (int i = 0; i < 20; i++) writer.byte(0);
    const std::byte* const record = writer.bytes().data();
    const auto first = std::to_integer<std::uint8_t>(*record);
    EXPECT_EQ(skim_event(record, skim_action(first, Version::Go111)), record + size) << spec.name;
  }
}

}  // namespace
}  // namespace marey::wire::v1
