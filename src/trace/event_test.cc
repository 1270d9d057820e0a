// SPDX-License-Identifier: Apache-2.0
#include "marey/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vector>

#include "src/order/record.h"
#include "src/wire/event_types.h"
#include "src/wire/tables.h"

namespace marey {
namespace {

using wire::EventType;

class EventTest : public testing::Test {
 protected:
  EventTest() {
    tables_.add_string(StringID{1}, "chan receive");
    tables_.add_string(StringID{2}, "main.main");
    tables_.add_string(StringID{3}, "main.go");
    const std::uint32_t frame = tables_.add_frame({0x401000, StringID{2}, StringID{3}, 42});
    const std::uint32_t strange = tables_.add_frame({0x402000, StringID{77}, StringID{78}, 1});
    tables_.add_stack(StackID{5}, std::vector<std::uint32_t>{frame});
    tables_.add_stack(StackID{6}, std::vector<std::uint32_t>{frame, strange});
  }

  Event event(EventType type, std::array<std::uint64_t, 4> args = {}) const {
    return event_of_number(order::type_number(type), args);
  }
  Event event_of_number(std::uint8_t type, std::array<std::uint64_t, 4> args = {}) const {
    Event::Record record;
    record.time = 1000;
    record.goroutine = GoID{7};
    record.proc = ProcID{2};
    record.thread = ThreadID{9};
    record.args = args;
    record.tables = &tables_;
    record.type = type;
    return Event(record);
  }

  wire::Tables tables_;
};

TEST_F(EventTest, StacksResolveTheirFrames) {
  const Stack stack = event(EventType::GoBlock, {1, 6}).stack();
  ASSERT_TRUE(stack);
  ASSERT_EQ(stack.size(), 2u);
  EXPECT_EQ(stack[0].pc, 0x401000u);
  EXPECT_EQ(stack[0].function, "main.main");
  EXPECT_EQ(stack[0].file, "main.go");
  EXPECT_EQ(stack[0].line, 42u);
  EXPECT_EQ(stack[1].function, "");
  EXPECT_EQ(stack[2].pc, 0u);
}

TEST_F(EventTest, UnknownIdsAreEmpty) {
  const Event block = event(EventType::GoBlock, {1234567, 7654321});
  EXPECT_EQ(block.state_transition().reason, "");
  EXPECT_EQ(block.stack().size(), 0u);
  EXPECT_EQ(block.stack()[0].function, "");
  EXPECT_EQ(event(EventType::UserTaskEnd, {1, 0, 2, 99}).task().type, "");
}

TEST_F(EventTest, NothingNeedsTables) {
  for (unsigned type = 0; type < 256; type++) {
    Event::Record record;
    record.type = static_cast<std::uint8_t>(type);
    record.args = {1, 2, 3, 4};
    const Event event(record);
    EXPECT_EQ(event.stack().size(), 0u);
    EXPECT_EQ(event.label().label, "");
    EXPECT_EQ(event.task().type, "");
    EXPECT_EQ(event.region().type, "");
    EXPECT_EQ(event.log().message, "");
    EXPECT_EQ(event.state_transition().reason, "");
    EXPECT_EQ(event.state_transition().stack.size(), 0u);
    EXPECT_FALSE(event.sync().clock_snapshot.has_value());
    event.range();
    event.range_attributes();
    event.metric();
    event.experimental();
  }
}

TEST_F(EventTest, EveryTimedTypeHasAKind) {
  for (unsigned type = 0; type < 256; type++) {
    const wire::EventSpec& spec = wire::kEventSpecs[type];
    const bool delivered = (spec.timed() && spec.name != "ClockSnapshot") ||
                           spec.name == "CPUSample" || type == order::kSyncType;
    EXPECT_EQ(event_of_number(static_cast<std::uint8_t>(type)).kind() != EventKind::Bad, delivered)
        << type;
  }
}

TEST_F(EventTest, Metrics) {
  EXPECT_EQ(event(EventType::ProcsChange, {4}).metric().name, "/sched/gomaxprocs:threads");
  EXPECT_EQ(event(EventType::HeapAlloc, {5}).metric().name, "/memory/classes/heap/objects:bytes");
  EXPECT_EQ(event(EventType::HeapGoal, {6}).metric().name, "/gc/heap/goal:bytes");
  EXPECT_EQ(event(EventType::HeapGoal, {6}).metric().value, 6u);
}

TEST_F(EventTest, RangesAndTheirScopes) {
  const ResourceID here{ResourceKind::Goroutine, 7};
  Range range = event(EventType::STWBegin, {1}).range();
  EXPECT_EQ(range.name, "stop-the-world (chan receive)");
  EXPECT_EQ(range.scope, here);
  const std::uint64_t extra = tables_.add_extra_string("GC mark termination");
  EXPECT_EQ(event(EventType::STWEnd, {extra, 1}).range().name,
            "stop-the-world (GC mark termination)");
  EXPECT_EQ(event(EventType::STWEnd, {1, 0}).range().name, "stop-the-world (chan receive)");
  EXPECT_EQ(event(EventType::GCActive).range().scope.kind, ResourceKind::None);
  EXPECT_EQ(event(EventType::GCSweepEnd).range().scope, (ResourceID{ResourceKind::Proc, 2}));
  EXPECT_EQ(event(EventType::GCSweepActive, {11}).range().scope,
            (ResourceID{ResourceKind::Proc, 11}));
  EXPECT_EQ(event(EventType::GCMarkAssistBegin).range().scope, here);
  EXPECT_EQ(event(EventType::GCMarkAssistActive, {12}).range().scope,
            (ResourceID{ResourceKind::Goroutine, 12}));

  const auto attributes = event(EventType::GCSweepEnd, {8192, 64}).range_attributes();
  ASSERT_EQ(attributes.size(), 2u);
  EXPECT_EQ(attributes[0].name, "bytes swept");
  EXPECT_EQ(attributes[1].value, 64u);
  EXPECT_TRUE(event(EventType::GCEnd).range_attributes().empty());
}

TEST_F(EventTest, TasksRegionsLogsLabels) {
  const Task begun = event(EventType::UserTaskBegin, {3, raw(kNoTask), 1, 5}).task();
  EXPECT_EQ(begun.id, TaskID{3});
  EXPECT_EQ(begun.parent, kNoTask);
  EXPECT_EQ(begun.type, "chan receive");
  const std::uint64_t type = tables_.add_extra_string("request");
  const Task ended = event(EventType::UserTaskEnd, {3, 5, 1, type}).task();
  EXPECT_EQ(ended.parent, TaskID{1});
  EXPECT_EQ(ended.type, "request");
  EXPECT_EQ(event(EventType::UserRegionEnd, {4, 2, 5}).region().type, "main.main");
  const Log log = event(EventType::UserLog, {4, 2, 3, 5}).log();
  EXPECT_EQ(log.task, TaskID{4});
  EXPECT_EQ(log.category, "main.main");
  EXPECT_EQ(log.message, "main.go");
  EXPECT_EQ(event(EventType::GoLabel, {2}).label().label, "main.main");
  EXPECT_EQ(event(EventType::GoLabel, {2}).label().resource.id, 7);
}

TEST_F(EventTest, GoroutineTransitions) {
  using enum GoState;
  const auto expect = [&](EventType type, std::array<std::uint64_t, 4> args, std::int64_t id,
                          GoState from, GoState to) {
    const StateTransition change = event(type, args).state_transition();
    EXPECT_EQ(change.resource, (ResourceID{ResourceKind::Goroutine, id})) << raw(type);
    EXPECT_EQ(change.go_from(), from) << raw(type);
    EXPECT_EQ(change.go_to(), to) << raw(type);
  };
  expect(EventType::GoCreate, {50, 5, 6}, 50, NotExist, Runnable);
  expect(EventType::GoCreateBlocked, {50, 5, 6}, 50, NotExist, Waiting);
  expect(EventType::GoCreateSyscall, {50}, 50, NotExist, Syscall);
  expect(EventType::GoStart, {50, 1}, 50, Runnable, Running);
  expect(EventType::GoDestroy, {}, 7, Running, NotExist);
  expect(EventType::GoDestroySyscall, {}, 7, Syscall, NotExist);
  expect(EventType::GoStop, {1, 5}, 7, Running, Runnable);
  expect(EventType::GoBlock, {1, 5}, 7, Running, Waiting);
  expect(EventType::GoUnblock, {50, 1, 5}, 50, Waiting, Runnable);
  expect(EventType::GoSwitch, {50, 1}, 50, Waiting, Runnable);
  expect(EventType::GoSwitchDestroy, {50, 1}, 50, Waiting, Runnable);
  expect(EventType::GoSyscallBegin, {1, 5}, 7, Running, Syscall);
  expect(EventType::GoSyscallEnd, {}, 7, Syscall, Running);
  expect(EventType::GoSyscallEndBlocked, {}, 7, Syscall, Runnable);
  expect(EventType::GoStatus, {50, 9, 4}, 50, Undetermined, Waiting);
  expect(EventType::GoStatusStack, {50, 9, std::uint64_t{5} << 32 | 3, 5}, 50, Syscall, Syscall);
}

TEST_F(EventTest, TransitionStacksAreOfTheOneThatChanges) {
  EXPECT_EQ(event(EventType::GoCreate, {50, 5, 6}).state_transition().stack.id(), StackID{5});
  EXPECT_EQ(event(EventType::GoCreate, {50, 5, 6}).stack().id(), StackID{6});
  EXPECT_EQ(event(EventType::GoBlock, {1, 5}).state_transition().stack.id(), StackID{5});
  EXPECT_EQ(event(EventType::GoUnblock, {50, 1, 5}).state_transition().stack, Stack{});
  EXPECT_EQ(event(EventType::GoStatusStack, {50, 9, 3, 5}).state_transition().stack.id(),
            StackID{5});
  EXPECT_EQ(event(EventType::GoStatus, {50, 9, 3}).state_transition().stack, Stack{});
  // A CPU sample's stack is there even if it is empty, as in Go.
  EXPECT_EQ(event(EventType::CPUSample, {0}).stack().tables(), &tables_);
}

TEST_F(EventTest, ProcTransitions) {
  using enum ProcState;
  const auto expect = [&](EventType type, std::array<std::uint64_t, 4> args, std::int64_t id,
                          ProcState from, ProcState to) {
    const StateTransition change = event(type, args).state_transition();
    EXPECT_EQ(change.resource, (ResourceID{ResourceKind::Proc, id})) << raw(type);
    EXPECT_EQ(change.proc_from(), from) << raw(type);
    EXPECT_EQ(change.proc_to(), to) << raw(type);
  };
  expect(EventType::ProcStart, {3, 1}, 3, Idle, Running);
  expect(EventType::ProcStop, {}, 2, Running, Idle);
  expect(EventType::ProcSteal, {3, 1, 8, 3}, 3, Running, Idle);
  expect(EventType::ProcSteal, {3, 1, 8, 4}, 3, Idle, Idle);
  expect(EventType::ProcStatus, {3, 2, 0}, 3, Undetermined, Idle);
  expect(EventType::ProcStatus, {3, 3, 2}, 3, Running, Running);
  expect(EventType::ProcStatus, {3, 4, 1}, 3, NotExist, Idle);
}

TEST_F(EventTest, SyncsTellTheClocks) {
  const Event sync = event_of_number(order::kSyncType, {3});
  EXPECT_EQ(sync.kind(), EventKind::Sync);
  EXPECT_EQ(sync.sync().n, 3);
  EXPECT_FALSE(sync.sync().clock_snapshot.has_value());

  tables_.sync = {64, true, 100, 6500, 1'700'000'000, 1'500'000'000};
  const std::byte data[2]{};
  tables_.experimental_batches.push_back({wire::Experiment::AllocFree, ThreadID{4}, data});
  const Sync detail = sync.sync();
  ASSERT_TRUE(detail.clock_snapshot.has_value());
  EXPECT_EQ(detail.clock_snapshot->trace, 6400);
  EXPECT_EQ(detail.clock_snapshot->mono, 6500u);
  EXPECT_EQ(detail.clock_snapshot->wall_nsec, 1'500'000'000);
  ASSERT_EQ(detail.experimental_batches.size(), 1u);
  EXPECT_EQ(detail.experimental_batches[0].experiment, "AllocFree");
  EXPECT_EQ(detail.experimental_batches[0].data.size(), 2u);
}

TEST_F(EventTest, ExperimentalEventsNameTheirArguments) {
  const Event span = event(EventType::SpanAlloc, {5, 2, 33});
  const ExperimentalEvent detail = span.experimental();
  EXPECT_EQ(detail.name, "SpanAlloc");
  EXPECT_EQ(detail.experiment, "AllocFree");
  EXPECT_THAT(detail.args, testing::ElementsAre("id", "npages_value", "kindclass"));
  EXPECT_THAT(detail.values, testing::ElementsAre(5, 2, 33));
}

TEST(EventNames, AreGos) {
  EXPECT_EQ(name_of(EventKind::Experimental), "Experimental");
  EXPECT_EQ(name_of(EventKind::StateTransition), "StateTransition");
  EXPECT_EQ(name_of(static_cast<EventKind>(200)), "Bad");
  EXPECT_EQ(name_of(GoState::Syscall), "Syscall");
  EXPECT_EQ(name_of(static_cast<GoState>(200)), "Bad");
  EXPECT_EQ(name_of(ProcState::Idle), "Idle");
  EXPECT_EQ(name_of(ResourceKind::Thread), "Thread");
}

}  // namespace
}  // namespace marey
