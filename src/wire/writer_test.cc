// SPDX-License-Identifier: Apache-2.0
#include "src/wire/writer.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/wire/raw_reader.h"

namespace marey::wire {
namespace {

/// A writer to memory.
class Trace {
 public:
  explicit Trace(Version version, WriterOptions options = {})
      : writer(
            version,
            [this](std::span<const std::byte> more) -> Result<void> {
              bytes.insert(bytes.end(), more.begin(), more.end());
              return {};
            },
            options) {}

  void begin(std::uint64_t number) {
    ASSERT_TRUE(writer.begin_generation(number, 15'625'000, {1000, 64'000, 1'700'000'000, 5}));
  }

  /// Every event as "Name arg arg ...", data in brackets.
  std::vector<std::string> events() const {
    std::vector<std::string> lines;
    RawReader reader;
    reader.feed(bytes);
    reader.finish();
    for (RawEvent event; reader.next(event) == RawReader::Status::Event; event = {}) {
      std::string line(event.spec().name);
      for (std::size_t i = 0; i < event.spec().arg_count; i++) {
        line += ' ' + std::to_string(static_cast<std::int64_t>(event.args[i]));
      }
      if (!event.data.empty()) line += " [" + std::string(event.data) + "]";
      lines.push_back(line);
    }
    return lines;
  }

  Bytes bytes;
  Writer writer;
};

TEST(Writer, LaysOutAGenerationAsTheVersionDemands) {
  const auto write = [](Version version) {
    Trace trace(version);
    trace.begin(1);
    const StringID name = trace.writer.string("main.main").value();
    EXPECT_EQ(trace.writer.string("main.main").value(), name);
    EXPECT_EQ(trace.writer.string("").value(), StringID{0});
    const FrameRecord frame{0x401000, name, StringID{0}, 7};
    const StackID stack = trace.writer.stack(std::vector{frame}).value();
    EXPECT_TRUE(trace.writer.event(kNoThread, 1500, EventType::GoStatus, {9, ~0ull, 4}));
    EXPECT_TRUE(trace.writer.event(ThreadID{5}, 1100, EventType::ProcStatus, {0, 1}));
    EXPECT_TRUE(trace.writer.event(ThreadID{6}, 1090, EventType::HeapAlloc, {77}));
    EXPECT_TRUE(trace.writer.event(ThreadID{5}, 1110, EventType::GoBlock, {raw(name), raw(stack)}));
    EXPECT_TRUE(trace.writer.cpu_sample(1105, ThreadID{5}, ProcID{0}, kNoGoroutine, stack));
    EXPECT_TRUE(trace.writer.end_generation());
    return trace.events();
  };
  const std::vector<std::string> threads{"EventBatch 1 5 1100 8",
                                         "ProcStatus 0 0 1",
                                         "GoBlock 10 1 1",
                                         "EventBatch 1 6 1090 3",
                                         "HeapAlloc 0 77",
                                         "EventBatch 1 -1 1500 14",
                                         "GoStatus 0 9 -1 4",
                                         "EventBatch 1 -1 1500 8",
                                         "CPUSamples",
                                         "CPUSample 1105 5 0 0 1",
                                         "EventBatch 1 -1 1500 11",
                                         "Stacks",
                                         "Stack 1 1",
                                         "EventBatch 1 -1 1500 13",
                                         "Strings",
                                         "String 1 [main.main]"};
  const auto expected = [&](std::vector<std::string> before, std::vector<std::string> after) {
    before.insert(before.end(), threads.begin(), threads.end());
    before.insert(before.end(), after.begin(), after.end());
    return before;
  };
  const std::vector<std::string> lone{"EventBatch 1 -1 1000 5", "Frequency 15625000"};
  const std::vector<std::string> sync{"EventBatch 1 -1 1000 17", "Sync", "Frequency 15625000",
                                      "ClockSnapshot 0 64000 1700000000 5"};
  EXPECT_EQ(write(Version::Go122), expected(lone, {}));
  EXPECT_EQ(write(Version::Go123), expected(lone, {}));
  EXPECT_EQ(write(Version::Go125), expected(sync, {}));
  EXPECT_EQ(write(Version::Go126), expected(sync, {"EndOfGeneration"}));
}

TEST(Writer, IdsBeginAnewInEachGeneration) {
  Trace trace(Version::Go126);
  for (const std::uint64_t number : {1, 2}) {
    trace.begin(number);
    EXPECT_EQ(trace.writer.string("one").value(), StringID{1});
    EXPECT_EQ(trace.writer.string("two").value(), StringID{2});
    EXPECT_EQ(trace.writer.stack(std::vector<FrameRecord>(3)).value(), StackID{1});
    EXPECT_TRUE(trace.writer.event(ThreadID{5}, 2000, EventType::HeapAlloc, {77}));
    ASSERT_TRUE(trace.writer.end_generation());
  }
  const std::vector<std::string> events = trace.events();
  EXPECT_EQ(std::ranges::count(events, "EndOfGeneration"), 2);
  EXPECT_EQ(std::ranges::count(events, "String 1 [one]"), 2);
  EXPECT_EQ(std::ranges::count(events, "EventBatch 2 5 2000 3"), 1);
  EXPECT_EQ(trace.writer.size(), trace.bytes.size());
}

TEST(Writer, SplitsBatches) {
  for (const bool padded : {false, true}) {
    Trace trace(Version::Go122, {.batch_size = 9000, .pad_sizes = padded});
    trace.begin(1);
    for (std::uint64_t i = 0; i < 30'000; i++) {
      ASSERT_TRUE(trace.writer.event(ThreadID{5}, 2000 + i, EventType::HeapAlloc, {i}));
    }
    for (int i = 0; i < 100; i++) {
      ASSERT_TRUE(trace.writer.string(std::string(1000, 'a') + std::to_string(i)));
      ASSERT_TRUE(trace.writer.stack(std::vector<FrameRecord>(
          kMaxFramesPerStack, {~0ull, StringID{~0ull}, StringID{~0ull}, ~0ull})));
    }
    ASSERT_TRUE(trace.writer.end_generation());
    // By the lengths in the batches' headers alone.
    RawReader reader;
    reader.feed(trace.bytes);
    reader.finish();
    std::uint64_t in_batch = 0;
    std::uint64_t batches = 0;
    std::uint64_t ticks = 0;
    std::uint64_t heap_allocs = 0;
    for (RawEvent event; reader.next(event) == RawReader::Status::Event; event = {}) {
      if (event.type == EventType::EventBatch) {
        ASSERT_EQ(in_batch, 0u);
        ASSERT_LE(event.args[3], 9000u);
        in_batch = event.args[3];
        ticks = event.args[2];
        batches++;
        continue;
      }
      ASSERT_GE(in_batch, canonical_size(event));
      in_batch -= canonical_size(event);
      if (event.type != EventType::HeapAlloc) continue;
      ticks += event.args[0];
      EXPECT_EQ(ticks, 2000 + event.args[1]);
      EXPECT_EQ(event.args[1], heap_allocs++);
    }
    EXPECT_EQ(in_batch, 0u);
    EXPECT_EQ(heap_allocs, 30'000u);
    EXPECT_GT(batches, 80u);
  }
}

TEST(Writer, WritesExperimentalBatches) {
  Trace trace(Version::Go123);
  trace.begin(3);
  const std::string data = "abc";
  ASSERT_TRUE(trace.writer.experimental_batch(Experiment::AllocFree, ThreadID{4}, 2000,
                                              std::as_bytes(std::span(data))));
  ASSERT_TRUE(trace.writer.event(ThreadID{4}, 2000, EventType::SpanFree, {8}));
  ASSERT_TRUE(trace.writer.end_generation());
  EXPECT_EQ(trace.events()[2], "ExperimentalBatch 1 3 4 2000 [abc]");
}

TEST(Writer, RefusesWhatTheFormatDoesNotHave) {
  Trace trace(Version::Go122);
  Writer& writer = trace.writer;
  const auto refused = [](const auto& result) {
    return !result.has_value() && result.error().kind == ErrorKind::Usage &&
           !result.error().message.empty();
  };
  EXPECT_TRUE(refused(writer.event(ThreadID{1}, 5, EventType::ProcStop, {})));
  EXPECT_TRUE(refused(writer.string("a")));
  EXPECT_TRUE(refused(writer.end_generation()));
  EXPECT_TRUE(refused(writer.begin_generation(0, 1, {})));
  EXPECT_TRUE(refused(writer.begin_generation(1, 0, {})));
  trace.begin(1);
  EXPECT_TRUE(refused(writer.begin_generation(2, 1, {})));
  EXPECT_TRUE(refused(writer.event(ThreadID{1}, 5, EventType::GoSwitch, {1, 1})));
  EXPECT_TRUE(refused(writer.event(ThreadID{1}, 5, EventType::SpanFree, {1})));
  EXPECT_TRUE(refused(writer.event(ThreadID{1}, 5, EventType::String, {})));
  EXPECT_TRUE(refused(writer.event(ThreadID{1}, 5, EventType::ProcStop, {1})));
  EXPECT_TRUE(refused(writer.event(ThreadID{1}, 5, EventType::GoStart, {1})));
  EXPECT_TRUE(writer.event(ThreadID{1}, 5, EventType::ProcStop, {}));
  EXPECT_TRUE(refused(writer.event(ThreadID{1}, 4, EventType::ProcStop, {})));
  EXPECT_TRUE(writer.event(ThreadID{2}, 4, EventType::ProcStop, {}));
  EXPECT_TRUE(refused(writer.string(std::string(kMaxStringSize + 1, 'x'))));
  EXPECT_TRUE(writer.string(std::string(kMaxStringSize, 'x')));
  EXPECT_TRUE(refused(writer.stack(std::vector<FrameRecord>(kMaxFramesPerStack + 1))));
  EXPECT_TRUE(refused(writer.experimental_batch(Experiment::AllocFree, ThreadID{1}, 5, {})));
  EXPECT_TRUE(writer.end_generation());

  EXPECT_TRUE(refused(Trace(Version::Go121).writer.begin_generation(1, 1, {})));
}

TEST(Writer, PassesOnTheErrorsOfItsSink) {
  Writer writer(Version::Go126, [](std::span<const std::byte>) -> Result<void> {
    return std::unexpected(Error{ErrorKind::System, "disk full"});
  });
  const Result<void> result = writer.begin_generation(1, 1, {});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "disk full");
}

}  // namespace
}  // namespace marey::wire
