// SPDX-License-Identifier: Apache-2.0
#include "src/simulation/random_trace.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>
#include <string>

#include "src/order/record.h"
#include "src/wire/raw_reader.h"

namespace marey::simulation {
namespace {

using order::kSyncType;

using wire::EventType;
using wire::Version;

constexpr Version kVersions[] = {Version::Go122, Version::Go123, Version::Go125, Version::Go126};

RandomTrace make(const RandomTraceOptions& options) {
  Result<RandomTrace> trace = make_random_trace(options);
  EXPECT_TRUE(trace.has_value()) << trace.error().message;
  return trace ? std::move(*trace) : RandomTrace{};
}

/// Calls f(event) for each raw event; fails if the trace does not end properly.
template <class F>
void for_each_raw(const wire::Bytes& bytes, F f) {
  wire::RawReader reader;
  reader.feed(bytes);
  reader.finish();
  for (wire::RawEvent event;; event = {}) {
    const wire::RawReader::Status status = reader.next(event);
    if (status == wire::RawReader::Status::End) return;
    ASSERT_EQ(status, wire::RawReader::Status::Event) << reader.error().message;
    f(event);
  }
}

TEST(RandomTrace, TheSameSeedGivesTheSameTrace) {
  const RandomTrace one = make({.seed = 7});
  EXPECT_TRUE(make({.seed = 7}).bytes == one.bytes);
  EXPECT_FALSE(make({.seed = 8}).bytes == one.bytes);
}

TEST(RandomTrace, NobodyListeningChangesNothing) {
  const RandomTraceOptions options{.seed = 9};
  wire::Bytes bytes;
  ASSERT_TRUE(write_random_trace(options, [&](std::span<const std::byte> more) -> Result<void> {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return {};
  }));
  EXPECT_TRUE(bytes == make(options).bytes);
}

// What a version has, some trace of it has.
TEST(RandomTrace, HasEverythingThatTheVersionHas) {
  for (const Version version : kVersions) {
    std::set<EventType> seen;
    for (std::uint64_t seed = 0; seed < 8; seed++) {
      const RandomTrace trace = make({.seed = seed,
                                      .version = version,
                                      .generations = 4,
                                      .events_per_generation = seed % 2 == 0 ? 60u : 3000u});
      // Experimental events are invalid to the raw reader before Go 1.26.
      if (version == Version::Go126) {
        for_each_raw(trace.bytes, [&](const wire::RawEvent& event) { seen.insert(event.type); });
      }
      for (const Event::Record& record : trace.events) {
        seen.insert(static_cast<EventType>(record.type));
      }
    }
    for (unsigned number = 1; number < wire::kEventTypeCount; number++) {
      const auto type = static_cast<EventType>(number);
      const wire::EventSpec& spec = wire::spec_of(type);
      const bool written_elsewhere = spec.name == "Span" || spec.name == "HeapObject" ||
                                     spec.name == "GoroutineStack" || spec.name == "ClockSnapshot";
      if (!spec.timed() || spec.since > version || written_elsewhere) continue;
      EXPECT_TRUE(seen.contains(type)) << spec.name << " in " << static_cast<unsigned>(version);
    }
    if (version != Version::Go126) continue;
    for (const EventType type :
         {EventType::Sync, EventType::ClockSnapshot, EventType::String, EventType::Stack,
          EventType::CPUSample, EventType::ExperimentalBatch, EventType::EndOfGeneration}) {
      EXPECT_TRUE(seen.contains(type)) << wire::spec_of(type).name;
    }
  }
}

// Odd corners that random steps should reach: they are where readers differ.
TEST(RandomTrace, ReachesTheCorners) {
  bool promoted = false;      // a thief tells the status of a proc that its victim never told
  bool lost = false;          // ... in the first generation, when nobody knows the victim
  bool late_proc = false;     // a proc that did not exist in the first generation
  bool elsewhere = false;     // a goroutine in a system call on a thread without any event
  bool carried_task = false;  // a task that began generations ago
  for (std::uint64_t seed = 0; seed < 20; seed++) {
    const RandomTrace trace = make(
        {.seed = seed, .generations = 6, .events_per_generation = seed % 2 == 0 ? 10u : 1000u});
    std::uint64_t generation = 0;
    for (const Event::Record& record : trace.events) {
      generation += record.type == kSyncType ? 1 : 0;
      switch (static_cast<EventType>(record.type)) {
        case EventType::ProcStatus:
          promoted |= record.args[1] == 3 && record.goroutine != kNoGoroutine;
          late_proc |= record.args[2] == static_cast<std::uint64_t>(ProcState::NotExist);
          break;
        case EventType::ProcSteal: lost |= generation == 1 && record.args[3] == 4; break;
        case EventType::GoStatusStack: elsewhere |= record.thread != kNoThread; break;
        case EventType::UserTaskEnd: carried_task |= generation > 1 && record.args[3] != 0; break;
        default: break;
      }
    }
  }
  EXPECT_TRUE(promoted);
  EXPECT_TRUE(lost);
  EXPECT_TRUE(late_proc);
  EXPECT_TRUE(elsewhere);
  EXPECT_TRUE(carried_task);
}

TEST(RandomTrace, PassesOnErrorsAndRefusesNonsense) {
  int calls = 0;
  const Result<void> full = write_random_trace({}, [&](std::span<const std::byte>) -> Result<void> {
    if (++calls < 10) return {};
    return std::unexpected(Error{ErrorKind::System, "disk full"});
  });
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().message, "disk full");
  EXPECT_FALSE(make_random_trace({.version = Version::Go121}).has_value());
  EXPECT_FALSE(make_random_trace({.procs = 4, .threads = 4}).has_value());
  EXPECT_FALSE(make_random_trace({.ticks_per_second = 3'000'000'000}).has_value());
}

RC_GTEST_PROP(RandomTrace, TimesRiseAndIdsAreKnown, (std::uint64_t seed)) {
  RandomTraceOptions options;
  options.seed = seed;
  options.version = *rc::gen::elementOf(std::vector(std::begin(kVersions), std::end(kVersions)));
  options.procs = *rc::gen::inRange<std::size_t>(1, 6);
  options.threads = options.procs + *rc::gen::inRange<std::size_t>(1, 5);
  options.goroutines = *rc::gen::inRange<std::size_t>(1, 60);
  options.events_per_generation = *rc::gen::inRange<std::uint64_t>(0, 400);
  options.writer.batch_size = *rc::gen::inRange<std::size_t>(0, wire::kMaxBatchSize);
  const Result<RandomTrace> trace = make_random_trace(options);
  RC_ASSERT(trace.has_value());
  Time last = 0;
  for (const Event::Record& record : trace->events) {
    RC_ASSERT(record.time > last);
    last = record.time;
    const wire::EventSpec& spec = wire::kEventSpecs[record.type];
    for (const std::int8_t arg : spec.stack_args) {
      if (arg < 0) continue;
      RC_ASSERT(record.tables->has_stack(StackID{record.args[static_cast<std::size_t>(arg)]}));
    }
    for (const std::int8_t arg : spec.string_args) {
      if (arg < 0) continue;
      RC_ASSERT(record.tables->has_string(StringID{record.args[static_cast<std::size_t>(arg)]}));
    }
  }
  RC_ASSERT(trace->events.front().type == kSyncType);
  RC_ASSERT(trace->events.back().type == kSyncType);
}

}  // namespace
}  // namespace marey::simulation
