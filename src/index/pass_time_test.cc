// SPDX-License-Identifier: Apache-2.0
#include "src/index/test_health.h"

// Time stamps that cannot be right.

namespace marey::index {
namespace {

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

constexpr std::uint64_t kSecond = 15'625'000;  // ticks
constexpr std::uint64_t kHour = 3600 * kSecond;

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
  EXPECT_EQ(health_of(trace_with_batch_at(77 * kHour)).of(Defect::TimeLeaps).count, 1u);
  EXPECT_EQ(health_of(trace_with_batch_at(123 * kHour)).of(Defect::TimeLeaps).count, 0u);
}

// The runtime writes a generation's stacks when all threads have left it, and since Go 1.25 its
// Sync batch when it begins.
TEST(TimeLeaps, ABatchLiesBetweenTheSyncBatchAndTheStacks) {
  const auto time = [](std::int64_t seconds) {
    std::string head("\x01\x01\x03", 3);  // a batch of generation 1, thread 3
    for (auto ticks = 100 * kHour + static_cast<std::uint64_t>(seconds) * kSecond; ticks != 0;
         ticks >>= 7) {
      head += static_cast<char>((ticks & 0x7f) | (ticks < 0x80 ? 0 : 0x80));
    }
    return head;
  };
  for (const wire::Version version : {wire::Version::Go123, wire::Version::Go126}) {
    TestWriter trace(version);
    trace.generation(1, 100 * kHour).proc_running();
    trace.thread(2).event(Type::ProcStatus, {1, 1});
    trace.thread(3).event_at(100 * kHour, Type::ProcStatus, {2, 1});
    trace.thread(1).event_at(100 * kHour + 1000, Type::HeapAlloc, {1}).stack().end();
    const std::size_t place = trace.bytes.find(time(0));
    ASSERT_NE(place, std::string::npos);
    for (const std::int64_t seconds : {-3600, -2, 0, 2, 3600}) {
      SCOPED_TRACE(seconds);
      std::string bytes = trace.bytes;
      ASSERT_EQ(time(seconds).size(), time(0).size());
      write_at(bytes, place, time(seconds));
      const bool is_wrong = seconds > 0 || (seconds < 0 && version >= wire::Version::Go125);
      const Health health = health_of(bytes);
      EXPECT_EQ(health.of(Defect::TimeLeaps).count, is_wrong ? 1u : 0u);
      EXPECT_EQ(health.total(), is_wrong ? 1u : 0u);
    }
  }
}

TEST(TimeLeaps, NoEventIsLaterThanTheStacks) {
  TestWriter trace;
  trace.generation(1, 1000).proc_running();
  const std::size_t head = 4;  // bytes of that
  for (int i = 0; i < 1000; i++) trace.event(Type::HeapAlloc, {1'000'000});
  trace.stack().end();
  std::string bytes = trace.bytes;
  const Time last = times_of(bytes).back();
  const BatchPlace place = batch_of(bytes, 0);
  const std::size_t before = head + 500 * kLogSize;
  write_at(bytes, place.content + before + 1, "\xff\xff\xff\x7f");  // 17 seconds
  const DefectReport report = only_report(health_of(bytes), Defect::TimeLeaps);
  EXPECT_EQ(report.offset, place.content + before);
  EXPECT_EQ(report.bytes_lost, place.size - before);
  EXPECT_LT(times_of(bytes).back(), last);
}

TEST(TimeLeaps, ATableFromLongBeforeTheEventsIsNotTheBegin) {
  TestWriter trace;
  trace.generation(1, 99 * kHour).proc_running();
  std::string bytes = trace.end().bytes;
  EXPECT_EQ(health_of(bytes).total(), 0u);
  TestWriter late;
  late.generation(1, 99 * kHour).event_at(100 * kHour, Type::ProcStatus, {0, 1}).end();
  EXPECT_EQ(only_report(health_of(late.bytes), Defect::TimeLeaps).bytes_lost, 0u);
  EXPECT_EQ(times_of(late.bytes)[0], static_cast<Time>(100 * kHour) * kTick);
}

/// Four generations of some events, a second apart; the times of the second
/// one are `ahead` seconds off.
std::string trace_with_generation_off(std::int64_t ahead) {
  TestWriter trace;
  for (std::uint64_t number = 1; number <= 4; number++) {
    std::uint64_t begin = 100 * kHour + number * kSecond;
    if (number == 2) begin += static_cast<std::uint64_t>(ahead) * kSecond;
    trace.generation(number, begin).proc_running();
    for (int i = 1; i <= 3; i++) trace.event(Type::HeapAlloc, {1});
  }
  trace.end();
  return trace.bytes;
}

TEST(TimeRunsBackwards, AGenerationOfAnotherTimeKeepsItsSpacing) {
  const std::vector<Time> sound = times_of(trace_with_generation_off(0));
  for (const std::int64_t ahead : {-300'000, -275, -3, 275, 300'000}) {
    SCOPED_TRACE(ahead);
    const std::string bytes = trace_with_generation_off(ahead);
    const DefectReport report = only_report(health_of(bytes, 3), Defect::TimeRunsBackwards);
    // What comes too late is only noticed when the next one comes.
    EXPECT_EQ(report.generation, ahead < 0 ? 2u : 3u);
    const std::vector<Time> times = times_of(bytes);
    ASSERT_EQ(times.size(), sound.size());
    EXPECT_TRUE(std::ranges::is_sorted(times));
    for (std::size_t i = 1; i + 1 < times.size(); i++) {
      const bool is_begin = sound[i] - sound[i - 1] > 10 * kTick;
      if (!is_begin) {
        EXPECT_EQ(times[i] - times[i - 1], sound[i] - sound[i - 1]);
      }
    }
  }
}

TEST(TimeRunsBackwards, ABatchFromBeforeTheGenerationIsLeftOut) {
  TestWriter trace(wire::Version::Go123);
  trace.generation(1, 100 * kHour).proc_running();
  trace.event_at(100 * kHour + kSecond, Type::HeapAlloc, {1});
  trace.generation(2, 100 * kHour + kSecond).proc_running();
  trace.thread(2).event(Type::ProcStatus, {1, 1});
  trace.thread(3).event(Type::ProcStatus, {2, 1});
  trace.thread(4).event_at(90 * kHour, Type::ProcStatus, {3, 1}).end();
  EXPECT_EQ(only_report(health_of(trace.bytes, 1), Defect::TimeLeaps).generation, 2u);
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

/// Two generations, ten seconds after the machine was started.
std::string two_generations(wire::Version version) {
  TestWriter trace(version);
  for (const std::uint64_t generation : {1, 2}) {
    trace.generation(generation, (9 + generation) * kSecond).proc_running();
    trace.event(Type::HeapAlloc, {1}).event(Type::HeapAlloc, {2});
  }
  return trace.end().bytes;
}

TEST(NoFrequency, AProgramHasOneClock) {
  // Since Go 1.25 the snapshot of both clocks contradicts it, before that only the neighbour.
  for (const auto& [version, wrong] : {std::pair{wire::Version::Go123, 1u},
                                       {wire::Version::Go126, 0u},
                                       {wire::Version::Go126, 1u}}) {
    SCOPED_TRACE(wrong);
    const std::string whole = two_generations(version);
    std::size_t place = whole.find("\x08\xa8\xd6\xb9\x07");  // 15'625'000
    if (wrong == 1) place = whole.find("\x08\xa8\xd6\xb9\x07", place + 1);
    ASSERT_NE(place, std::string::npos);
    std::string bytes = whole;
    bytes[place + 3] ^= 1;
    EXPECT_EQ(only_report(health_of(bytes, 1), Defect::NoFrequency).generation, wrong + 1);
    EXPECT_EQ(times_of(bytes), times_of(whole));
    EXPECT_NE(times_of(bytes, true), times_of(whole));
  }
}

TEST(NoFrequency, OfAnotherClockIsBelieved) {
  std::string bytes = two_generations(wire::Version::Go123);
  for (std::size_t place = 0; (place = bytes.find("\x08\xa8\xd6\xb9\x07", place)) != bytes.npos;) {
    bytes[place + 3] ^= 1;
  }
  EXPECT_TRUE(health_of(bytes).whole());
  EXPECT_EQ(times_of(bytes), times_of(bytes, true));
}

TEST(TimeLeaps, AHeadWhoseEndIsOverwrittenHasNoTime) {
  TestWriter trace;
  trace.generation(1, 10 * kSecond).proc_running().event(Type::HeapAlloc, {1});
  trace.thread(2).event(Type::ProcStatus, {1, 1}).event(Type::HeapAlloc, {1}).end();
  std::vector<Time> expected = times_of(trace.bytes);
  expected.resize(3);
  expected.push_back(expected.back() + 1);                                    // the Sync at the end
  const std::size_t head = trace.bytes.find(std::string("\x01\x01\x02", 3));  // of thread 2
  ASSERT_NE(head, std::string::npos);
  const BatchPlace place = batch_of(trace.bytes, 1);
  for (std::size_t from = head + 3; from < place.content; from++) {
    std::string bytes = trace.bytes;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
              bytes.begin() + static_cast<std::ptrdiff_t>(place.content + place.size), '\0');
    SCOPED_TRACE(from - head);
    EXPECT_EQ(times_of(bytes), expected);
    EXPECT_FALSE(health_of(bytes).whole());
  }
}

}  // namespace
}  // namespace marey::index
