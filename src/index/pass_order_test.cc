// SPDX-License-Identifier: Apache-2.0
#include "src/index/test_health.h"
#include "src/wire/event_decoder.h"

// Events that wait for others, which may be missing.

namespace marey::index {
namespace {

constexpr auto kNoThread = static_cast<std::uint64_t>(-1);
constexpr std::uint64_t kRunning = 2;
constexpr std::uint64_t kWaiting = 4;

/// Threads 1 to 3 run procs 0 to 2; goroutines 11 and 12 wait.
TestWriter waiting_trace() {
  TestWriter trace;
  trace.generation(1, 1000);
  for (const std::uint64_t thread : {1, 2, 3}) {
    trace.thread(static_cast<std::int64_t>(thread)).event(Type::ProcStatus, {thread - 1, 1});
  }
  for (const std::uint64_t goroutine : {11, 12}) {
    trace.event(Type::GoStatus, {goroutine, kNoThread, kWaiting});
  }
  return trace;
}

struct Guesses {
  std::vector<std::string> kinds;  ///< of the events that are guesses
  std::vector<Time> heap_sizes;    ///< when there were some, in ticks
};
Guesses guesses_of(const std::string& bytes) {
  Guesses guesses;
  auto reader = Reader::of_bytes(std::as_bytes(std::span(bytes)));
  EXPECT_TRUE(reader);
  if (!reader) return guesses;
  for (Event event; reader->next(event) == Reader::Status::Event;) {
    if (event.kind() == EventKind::Metric) guesses.heap_sizes.push_back(event.time() / kTick);
    if (event.guessed()) guesses.kinds.emplace_back(name_of(event.kind()));
  }
  return guesses;
}

// The third thread's event happens at its time; those that the first one's needs come late.
TEST(Waiting, IsForWhatComesHoweverLate) {
  TestWriter trace = waiting_trace();
  trace.thread(1).event_at(2000, Type::GoStart, {11, 2});
  trace.thread(2).event_at(900'000, Type::GoUnblock, {11, 1, 0});
  trace.thread(3).event_at(100'000, Type::HeapAlloc, {1}).end();
  EXPECT_EQ(health_of(trace.bytes).total(), 0u);
  EXPECT_EQ(guesses_of(trace.bytes).heap_sizes, std::vector<Time>{100'000});
}

TEST(Waiting, EndsWithThatForWhatDoesNotCome) {
  struct Case {
    const char* what;
    Type type;
    std::initializer_list<std::uint64_t> args;
    std::uint64_t forced = 1;
  };
  for (const Case& stuck : {
           Case{"the number is wrong", Type::GoUnblock, {11, 65, 0}},
           Case{"the number has been passed", Type::GoUnblock, {11, 0, 0}},
           Case{"only a number would make it runnable", Type::GoStart, {11, 1}},
           Case{"what comes before is on the same thread", Type::GoUnblock, {12, 2, 0}, 2},
           Case{"there is no such goroutine", Type::GoUnblock, {999, 1, 0}},
           Case{"there is no such proc", Type::ProcSteal, {999, 1, 9}},
           Case{"the proc is in no system call", Type::ProcSteal, {2, 1, 3}},
           Case{"nothing has gone before", Type::GCEnd, {5}},
       }) {
    SCOPED_TRACE(stuck.what);
    TestWriter trace = waiting_trace();
    trace.thread(1).event(Type::GoStatus, {10, 1, kRunning});
    trace.event_at(10'000, stuck.type, stuck.args).event_at(20'000, Type::HeapAlloc, {1});
    trace.event_at(900'000, Type::GoUnblock, {12, 1, 0});
    trace.thread(2).event_at(30'000, Type::HeapAlloc, {2}).end();
    const Health health = health_of(trace.bytes);
    EXPECT_EQ(health.total(), stuck.forced);
    ASSERT_EQ(health.of(Defect::NoOrder).count, stuck.forced);
    EXPECT_EQ(health.reports()[0].detail, std::string(wire::spec_of(stuck.type).name) +
                                              " waits for an event that does not come");
    const Guesses guesses = guesses_of(trace.bytes);
    EXPECT_EQ(guesses.kinds.size(), stuck.forced);
    EXPECT_EQ(guesses.heap_sizes, (std::vector<Time>{20'000, 30'000}));
  }
}

TEST(Waiting, EndsWithTheThreadThatHoldsTheProc) {
  TestWriter trace = waiting_trace();
  trace.thread(4).event_at(10'000, Type::ProcStart, {2, 1});  // thread 3 does not stop it
  trace.event_at(20'000, Type::HeapAlloc, {1});
  trace.thread(2).event_at(30'000, Type::HeapAlloc, {2}).end();
  EXPECT_EQ(only_report(health_of(trace.bytes), Defect::NoOrder).detail,
            "ProcStart waits for an event that does not come");
  EXPECT_EQ(guesses_of(trace.bytes).heap_sizes, (std::vector<Time>{20'000, 30'000}));
}

TEST(Waiting, IsForTheNextCallFromCWithTheSameId) {
  TestWriter trace = waiting_trace();
  trace.thread(4).event_at(2000, Type::GoCreateSyscall, {34}).event(Type::GoSyscallEndBlocked);
  trace.thread(1).event_at(2100, Type::GoStart, {34, 1}).event(Type::GoBlock, {0, 0});
  trace.thread(2).event_at(2200, Type::GoUnblock, {34, 2, 0});
  trace.event_at(10'000, Type::GoUnblock, {34, 2, 0});  // that of the next call
  trace.thread(3).event_at(15'000, Type::HeapAlloc, {1});
  trace.thread(1).event_at(20'000, Type::GoStart, {34, 3}).event(Type::GoSyscallBegin, {1, 0});
  trace.event(Type::GoDestroySyscall);
  trace.thread(5).event_at(20'100, Type::GoCreateSyscall, {34}).event(Type::GoSyscallEndBlocked);
  trace.thread(3).event_at(20'200, Type::GoStart, {34, 1}).event(Type::GoBlock, {0, 0}).end();
  EXPECT_EQ(health_of(trace.bytes).total(), 0u);
}

TEST(Waiting, ForOneAnotherEndsWithTheEarliest) {
  TestWriter trace = waiting_trace();
  trace.thread(1).event_at(10'000, Type::GoStart, {11, 2}).event(Type::GoUnblock, {12, 1, 0});
  trace.thread(2).event_at(20'000, Type::GoStart, {12, 2}).event(Type::GoUnblock, {11, 1, 0});
  trace.thread(3).event_at(90'000, Type::HeapAlloc, {1}).end();
  EXPECT_EQ(health_of(trace.bytes).of(Defect::NoOrder).count, 2u);
  const Guesses guesses = guesses_of(trace.bytes);
  EXPECT_EQ(guesses.kinds, std::vector<std::string>(2, "StateTransition"));
  EXPECT_EQ(guesses.heap_sizes, std::vector<Time>{90'000});
}

wire::GenerationLayout first_generation_of(const std::string& bytes) {
  wire::GenerationScanner scanner(wire::Version::Go126, nullptr);
  wire::GenerationLayout layout;
  EXPECT_EQ(scanner.next({std::as_bytes(std::span(bytes)), 0, true}, layout),
            wire::GenerationScanner::Status::Generation);
  return layout;
}

/// The offsets of the last bytes of sequence numbers, in the first generation.
std::vector<std::size_t> sequence_numbers_of(const std::string& bytes) {
  std::vector<std::size_t> offsets;
  const auto trace = std::as_bytes(std::span(bytes));
  for (const wire::BatchRef& batch : first_generation_of(bytes).batches) {
    if (batch.kind != wire::BatchKind::Events) continue;
    const std::byte* const end = trace.data() + batch.offset + batch.size;
    wire::TimedEvent event;
    wire::DecodeFault fault{};
    for (const std::byte* p = trace.data() + batch.offset; p != nullptr && p != end;) {
      p = wire::decode_event_plain(p, end, event, fault);
      if (p == nullptr || event.type != Type::GoStart) continue;
      offsets.push_back(static_cast<std::size_t>(p - trace.data()) - 1);
    }
  }
  return offsets;
}

TEST(Waiting, AWrongBitDoesNotCostTheRestOfTheGeneration) {
  const std::string whole = base::read_test_file("testdata/traces/chans-gens-1.27.trace");
  const std::vector<std::size_t> offsets = sequence_numbers_of(whole);
  constexpr std::size_t kTries = 12;
  ASSERT_GT(offsets.size(), 1000u);
  for (std::size_t i = 0; i < kTries; i++) {
    const std::size_t offset = offsets[offsets.size() * (2 * i + 1) / (2 * kTries)];
    SCOPED_TRACE(testing::Message() << "bit " << i % 7 << " at " << offset);
    std::string bytes = whole;
    bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << i % 7));
    const Health health = health_of(bytes, 1);
    EXPECT_GT(health.total(), 0u);
    EXPECT_LT(health.guessed_events(), 200u);
  }
}

TEST(Waiting, ALostBatchDoesNotCostTheRestOfTheGeneration) {
  const std::string whole = base::read_test_file("testdata/traces/http-1.27.trace");
  const std::vector<wire::BatchRef> batches = first_generation_of(whole).batches;
  std::uint64_t guessed = 0;
  for (std::size_t i = 1; i < batches.size(); i++) {
    if (batches[i].kind != wire::BatchKind::Events) continue;
    const std::size_t begin = batches[i - 1].offset + batches[i - 1].size;
    std::string bytes = whole;
    bytes.erase(begin, batches[i].offset + batches[i].size - begin);
    guessed += health_of(bytes, 1).guessed_events();
  }
  EXPECT_GT(guessed, 0u);
  EXPECT_LT(guessed, 500u);  // of 8,345 events in each
}

}  // namespace
}  // namespace marey::index
