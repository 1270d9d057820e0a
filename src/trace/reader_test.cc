// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "marey/trace.h"

#include "src/base/test_files.h"
#include "src/order/record.h"
#include "src/order/test_writer.h"

// The same trace, read in three ways, must give the same events: as a whole, in pieces of any size,
// and generation by generation.

namespace marey {
namespace {

std::vector<std::string> trace_names() {
  std::vector<std::string> names;
  for (const char* folder : {"testdata/traces", "testdata/traces/broken"}) {
    for (const auto& entry : std::filesystem::directory_iterator(base::test_file(folder))) {
      if (entry.path().extension() == ".trace") {
        names.push_back(std::string(folder) + "/" + entry.path().filename().string());
      }
    }
  }
  std::ranges::sort(names);
  return names;
}

/// Events without what they point to, and how the reading ended.
struct Outcome {
  std::vector<Event::Record> records;
  std::string error;
  std::uint64_t defects = 0;
};

void keep(Outcome& outcome, const Event& event) {
  Event::Record record = event.record();
  record.tables = nullptr;
  outcome.records.push_back(record);
}

void conclude(Outcome& outcome, const Reader& reader) {
  if (reader.error()) outcome.error = reader.error()->message;
  outcome.defects = reader.health().total();
}

Outcome read_whole(const std::string& bytes, const ReadOptions& options) {
  Outcome outcome;
  auto reader = Reader::of_bytes(std::as_bytes(std::span(bytes)), options);
  if (!reader) return {{}, reader.error().message, 0};
  Event event;
  while (reader->next(event) == Reader::Status::Event) keep(outcome, event);
  conclude(outcome, *reader);
  return outcome;
}

Outcome read_in_pieces(const std::string& bytes, const ReadOptions& options, std::uint64_t seed) {
  Outcome outcome;
  Reader reader = Reader::fed(options);
  std::mt19937_64 random(seed);
  const std::size_t largest = std::size_t{1} << (random() % 18);
  std::size_t given = 0;
  for (;;) {
    std::span<const Event> events;
    switch (reader.next_block(events)) {
      case Reader::Status::Event:
        for (const Event& event : events) keep(outcome, event);
        continue;
      case Reader::Status::NeedMore: {
        if (given == bytes.size()) {
          reader.end_feed();
          continue;
        }
        const std::size_t size = std::min(1 + random() % largest, bytes.size() - given);
        reader.feed(std::as_bytes(std::span(bytes)).subspan(given, size));
        given += size;
        continue;
      }
      case Reader::Status::End:
      case Reader::Status::Error: conclude(outcome, reader); return outcome;
    }
  }
}

/// Enough of a stack to tell it from others.
std::string text_of(const Stack& stack) {
  return std::to_string(raw(stack.id())) + " " + std::to_string(stack.size()) + " " +
         std::string(stack[0].function);
}

void expect_same(const Outcome& a, const Outcome& b) {
  EXPECT_EQ(a.error, b.error);
  EXPECT_EQ(a.defects, b.defects);
  ASSERT_EQ(a.records.size(), b.records.size());
  for (std::size_t i = 0; i < a.records.size(); i++) {
    const Event::Record& x = a.records[i];
    const Event::Record& y = b.records[i];
    const bool same = x.time == y.time && x.type == y.type && x.goroutine == y.goroutine &&
                      x.proc == y.proc && x.thread == y.thread && x.args == y.args;
    ASSERT_TRUE(same) << "event " << i;
  }
}

class EveryTrace : public testing::TestWithParam<std::string> {};

TEST_P(EveryTrace, PiecesGiveWhatTheWholeGives) {
  const std::string bytes = base::read_test_file(GetParam());
  for (const bool strict : {false, true}) {
    const Outcome whole = read_whole(bytes, {strict});
    for (std::uint64_t seed = 1; seed <= 3; seed++) {
      SCOPED_TRACE(testing::Message() << "strict " << strict << " seed " << seed);
      expect_same(whole, read_in_pieces(bytes, {strict}, seed));
    }
  }
}

TEST_P(EveryTrace, TimeRises) {
  Time last = std::numeric_limits<Time>::min();
  for (const Event::Record& record : read_whole(base::read_test_file(GetParam()), {}).records) {
    EXPECT_GT(record.time, last);
    last = record.time;
  }
}

TEST_P(EveryTrace, GenerationsAloneGiveTheSameEvents) {
  const std::string path = base::test_file(GetParam()).string();
  const auto trace = Trace::open(path);
  auto whole = Reader::open(path);
  ASSERT_EQ(trace.has_value(), whole.has_value());
  if (!trace) return;
  std::vector<Event::Record> expected;
  std::vector<std::string> stacks;
  Event event;
  while (whole->next(event) == Reader::Status::Event) {
    expected.push_back(event.record());
    stacks.push_back(text_of(event.stack()));
  }
  // Where something is damaged, what a generation looks like depends on what was before it.
  const bool is_whole = whole->health().total() == 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < trace->generations().size(); i++) {
    SCOPED_TRACE(testing::Message() << "generation " << i);
    Reader alone = trace->replay(i, 1);
    while (alone.next(event) == Reader::Status::Event) {
      const Event::Record& is = event.record();
      const bool is_end = is.type == order::kSyncType && is.args[0] == 2;
      if (is_end && (i + 1 < trace->generations().size() || !is_whole)) break;
      if (!is_whole) continue;
      ASSERT_LT(next, expected.size());
      const Event::Record& should = expected[next];
      ASSERT_EQ(is.type, should.type) << "event " << next;
      EXPECT_EQ(is.goroutine, should.goroutine) << "event " << next;
      EXPECT_EQ(is.proc, should.proc) << "event " << next;
      EXPECT_EQ(is.thread, should.thread) << "event " << next;
      EXPECT_EQ(text_of(event.stack()), stacks[next]) << "event " << next;
      // The first events of a generation are pushed behind the last one of the generation before.
      const bool is_pushed = i > 0 && should.time == expected[next - 1].time + 1;
      if (!is_pushed) {
        EXPECT_EQ(is.time, should.time) << "event " << next;
      }
      const wire::EventSpec& spec = wire::kEventSpecs[is.type];
      for (std::size_t arg = 0; spec.timed() && arg + 1 < spec.arg_count; arg++) {
        EXPECT_EQ(is.args[arg], should.args[arg]) << "event " << next << " argument " << arg;
      }
      next++;
    }
    EXPECT_EQ(alone.error().has_value(), false);
  }
  if (is_whole) {
    EXPECT_EQ(next, expected.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Testdata, EveryTrace, testing::ValuesIn(trace_names()),
                         [](const auto& test) {
                           std::string name = std::filesystem::path(test.param).stem().string();
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

TEST(Reader, NotATraceIsOneClearSentence) {
  const std::string text = "hello, world: this is no trace at all";
  const auto reader = Reader::of_bytes(std::as_bytes(std::span(text)));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, ErrorKind::Input);
  EXPECT_EQ(
      reader.error().message,
      "trace: not a Go execution trace: text that begins with 'hello, world: this is no trace "
      "at all', first bytes 68 65 6c 6c 6f 2c 20 77");
}

TEST(Reader, AMissingFileNamesItself) {
  const auto reader = Reader::open("no/such/file.trace");
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, ErrorKind::System);
  EXPECT_NE(reader.error().message.find("no/such/file.trace"), std::string::npos);
}

/// Go's error for a trace.
std::string strict_error(const std::string& bytes) {
  auto reader = Reader::of_bytes(std::as_bytes(std::span(bytes)), {.strict = true});
  EXPECT_TRUE(reader);
  if (!reader) return {};
  Event event;
  while (reader->next(event) == Reader::Status::Event) continue;
  return reader->error() ? reader->error()->message : "";
}

TEST(Reader, OneThatIsNotFedTakesNoBytes) {
  const std::string path = base::test_file("testdata/traces/idle-1.27.trace");
  const auto count = [](Reader& reader) {
    std::size_t events = 0;
    Event event;
    while (reader.next(event) == Reader::Status::Event) events++;
    return events;
  };
  Result<Reader> untouched = Reader::open(path);
  ASSERT_TRUE(untouched.has_value());
  const std::size_t all = count(*untouched);
  const std::array<std::byte, 3> bytes{};
  Result<Reader> reader = Reader::open(path);
  ASSERT_TRUE(reader.has_value());
  reader->feed(bytes);
  reader->end_feed();
  EXPECT_EQ(count(*reader), all);
  Result<Trace> trace = Trace::open(path);
  ASSERT_TRUE(trace.has_value());
  Reader replay = trace->replay(0, SIZE_MAX);
  replay.feed(bytes);
  replay.end_feed();
  EXPECT_EQ(count(replay), all);
}

TEST(Reader, StrictTakesAnyGenerationForTheNext) {
  for (const std::uint64_t second : {2, 3, 1}) {
    order::TestWriter trace;
    trace.generation(1, 1000).proc_running().event(wire::EventType::ProcStatus, {1, 2});
    trace.generation(second, 2000).proc_running().event(wire::EventType::ProcStatus, {1, 1}).end();
    EXPECT_EQ(strict_error(trace.bytes),
              "inconsistent status for proc 1: old Idle vs. new Running");
  }
}

TEST(Reader, StrictKnowsTheFirstGenerationByItsNumber) {
  for (const std::uint64_t second : {2, 1}) {
    order::TestWriter trace;
    trace.generation(1, 1000).proc_running().generation(second, 2000).proc_running();
    trace.event(wire::EventType::GoStatus, {7, ~std::uint64_t{0}, 4}).end();
    EXPECT_EQ(strict_error(trace.bytes).empty(), second == 1) << strict_error(trace.bytes);
  }
  order::TestWriter trace;
  trace.generation(1, 1000).generation(2, 2000).proc_running();
  trace.event(wire::EventType::GoStatus, {7, ~std::uint64_t{0}, 4}).end();
  EXPECT_EQ(strict_error(trace.bytes), "") << "the first one has no events";
}

TEST(Reader, StrictReadsTheTablesOfAGenerationThatDoesNotEnd) {
  order::TestWriter trace;
  trace.generation(1, 1000).proc_running().generation(2, 2000).end();
  const std::size_t second = trace.bytes.find(std::string("\x01\x02", 2));
  const std::string sync = trace.bytes.substr(second, trace.bytes.size() - second - 1);
  const std::string first = trace.bytes.substr(0, second);
  EXPECT_EQ(strict_error(first + sync), "");
  EXPECT_EQ(strict_error(first + sync + sync), "found multiple frequency events");
  // A batch that begins with the byte of the end mark is one, for Go.
  const std::string mark("\x01\x02\x01\x01\x01\x34", 6);
  EXPECT_EQ(strict_error(first + sync + mark), "");
  EXPECT_EQ(strict_error(first + sync + mark + sync + sync), "found multiple frequency events");
}

TEST(Reader, StringsStacksAndTimesCanBeAsked) {
  auto reader = Reader::open(base::test_file("examples/http.trace").string());
  ASSERT_TRUE(reader);
  Event event;
  bool found = false;
  while (reader->next(event) == Reader::Status::Event) {
    if (event.kind() != EventKind::TaskBegin || !event.stack()) continue;
    found = true;
    EXPECT_FALSE(event.task().type.empty());
    EXPECT_GT(event.stack().size(), 0u);
    EXPECT_FALSE(event.stack()[0].function.empty());
    ASSERT_TRUE(reader->wall_time(event.time()));
    EXPECT_GT(reader->wall_time(event.time())->seconds, 1'700'000'000);
    EXPECT_TRUE(reader->monotonic_time(event.time()));
  }
  EXPECT_TRUE(found);
}

TEST(Reader, TheSnapshotTiesTheClocksTogether) {
  auto reader = Reader::open(base::test_file("examples/http.trace").string());
  ASSERT_TRUE(reader);
  Event event;
  std::size_t snapshots = 0;
  while (reader->next(event) == Reader::Status::Event) {
    if (event.kind() != EventKind::Sync || !event.sync().clock_snapshot) continue;
    snapshots++;
    const ClockSnapshot clock = *event.sync().clock_snapshot;
    const Time later = clock.trace + 1'500'000'001;
    EXPECT_EQ(reader->monotonic_time(later), static_cast<std::int64_t>(clock.mono) + 1'500'000'001);
    const auto wall = reader->wall_time(later);
    ASSERT_TRUE(wall);
    EXPECT_EQ(
        (wall->seconds - clock.wall_sec) * 1'000'000'000 + wall->nanoseconds - clock.wall_nsec,
        1'500'000'001);
  }
  EXPECT_EQ(snapshots, 3u);
}

TEST(Reader, PushedEventsAreThePulledOnes) {
  const auto path = base::test_file("examples/http.trace").string();
  auto pulled = Reader::open(path);
  ASSERT_TRUE(pulled);
  std::vector<Time> times;
  for (Event event; pulled->next(event) == Reader::Status::Event;) times.push_back(event.time());

  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  Reader fed = Reader::fed();
  std::vector<Time> pushed;
  const auto take = [&](const Event& event) { pushed.push_back(event.time()); };
  for (const char& byte : bytes) {
    fed.feed(std::as_bytes(std::span(&byte, 1)));
    ASSERT_EQ(fed.for_each(take), Reader::Status::NeedMore);
  }
  fed.end_feed();
  EXPECT_EQ(fed.for_each(take), Reader::Status::End);
  EXPECT_EQ(pushed, times);
}

}  // namespace
}  // namespace marey
