// SPDX-License-Identifier: Apache-2.0
#include "src/export/event_text.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "src/export/event_json.h"
#include "src/export/event_text_line.h"
#include "src/order/record.h"
#include "src/wire/tables.h"

namespace marey::exporting {
namespace {

using wire::EventType;

class EventTextTest : public testing::Test {
 protected:
  EventTextTest() { fill(tables_, "main.main"); }

  static void fill(wire::Tables& tables, std::string_view function) {
    tables.add_string(StringID{1}, "chan \"receive\"\n");
    tables.add_string(StringID{2}, function);
    tables.add_string(StringID{3}, "/src/\xff.go");
    const std::uint32_t leaf = tables.add_frame({0x47a3a3, StringID{2}, StringID{3}, 42});
    const std::uint32_t root = tables.add_frame({0xffff'ffff'ffff'ffff, StringID{9}, {}, 0});
    tables.add_stack(StackID{5}, std::vector<std::uint32_t>{leaf, root});
  }

  Event event(EventType type, std::array<std::uint64_t, 4> args = {}) const {
    Event::Record record;
    record.time = 1'000'000'123;
    record.goroutine = GoID{7};
    record.thread = ThreadID{9};
    record.args = args;
    record.tables = &tables_;
    record.type = order::type_number(type);
    return Event(record);
  }
  Event sync(std::uint64_t n, const wire::Tables* tables) const {
    Event::Record record;
    record.time = 5;
    record.args[0] = n;
    record.tables = tables;
    record.type = order::kSyncType;
    return Event(record);
  }
  std::string text(const Event& event) {
    std::string out;
    text_.append(out, event);
    return out;
  }
  nlohmann::json json(const Event& event) {
    std::string out;
    json_.append(out, event);
    EXPECT_EQ(out.back(), '\n');
    EXPECT_EQ(out.find('\n'), out.size() - 1);
    return nlohmann::json::parse(out);
  }
  std::string line(const Event& event, bool stacks = false) {
    std::string out;
    EventLine(1'000'000'000, stacks).append(out, event);
    return out;
  }

  const std::string kHead = "M=9 P=-1 G=7 ";
  const std::string kFrames =
      "\tmain.main @ 0x47a3a3\n\t\t/src/\xff.go:42\n\t @ 0xffffffffffffffff\n\t\t:0\n";
  wire::Tables tables_;
  EventText text_;
  EventJson json_;
};

// Expected texts follow fmt.Println(event.String()) of Go 1.27's internal/trace.
TEST_F(EventTextTest, StacksFollowTheEvent) {
  EXPECT_EQ(text(event(EventType::GoBlock, {1, 5})),
            kHead +
                "StateTransition Time=1000000123 GoID=7 Running->Waiting "
                "Reason=\"chan \\\"receive\\\"\\n\"\nTransitionStack=\n" +
                kFrames + "\nStack=\n" + kFrames + "\n");
  EXPECT_EQ(text(event(EventType::ProcsChange, {4, 5})),
            kHead +
                "Metric Time=1000000123 Name=\"/sched/gomaxprocs:threads\" "
                "Value=Value{Uint64(4)}\nStack=\n" +
                kFrames + "\n");
}

TEST_F(EventTextTest, EmptyStacksShowAsInGo) {
  EXPECT_EQ(text(event(EventType::GoCreate, {50, 0, 0})),
            kHead +
                "StateTransition Time=1000000123 GoID=50 NotExist->Runnable Reason=\"\"\n"
                "TransitionStack=\n\n");
  EXPECT_EQ(text(event(EventType::CPUSample, {0})),
            kHead + "StackSample Time=1000000123\nStack=\n\n");
  EXPECT_EQ(text(event(EventType::GoBlock, {2, 0})),
            kHead +
                "StateTransition Time=1000000123 GoID=7 Running->Waiting "
                "Reason=\"main.main\"\n");
}

TEST_F(EventTextTest, Details) {
  const std::uint64_t type = tables_.add_extra_string("request");
  const auto after_time = [&](EventType type_, std::array<std::uint64_t, 4> args) {
    const std::string all = text(event(type_, args));
    const std::size_t time = all.find("Time=1000000123 ");
    return time == std::string::npos ? all : all.substr(time + 16);
  };
  EXPECT_EQ(after_time(EventType::ProcStart, {3, 1}), "ProcID=3 Idle->Running Reason=\"\"\n");
  EXPECT_EQ(after_time(EventType::GoLabel, {2}), "Label=\"main.main\" Resource=Goroutine(7)\n");
  EXPECT_EQ(after_time(EventType::STWBegin, {2, 0}),
            "Name=\"stop-the-world (main.main)\" Scope=Goroutine(7)\n");
  EXPECT_EQ(after_time(EventType::GCBegin, {1, 0}),
            "Name=\"GC concurrent mark phase\" Scope=None\n");
  EXPECT_EQ(after_time(EventType::GCEnd, {1}),
            "Name=\"GC concurrent mark phase\" Scope=None Attributes=[]\n");
  EXPECT_EQ(after_time(EventType::GCSweepEnd, {8192, 64}),
            "Name=\"GC incremental sweep\" Scope=Proc(-1) Attributes=["
            "\"bytes swept\"=Value{Uint64(8192)} \"bytes reclaimed\"=Value{Uint64(64)}]\n");
  EXPECT_EQ(after_time(EventType::UserTaskBegin, {3, raw(kNoTask), 2, 0}),
            "ID=3 Parent=18446744073709551615 Type=\"main.main\"\n");
  EXPECT_EQ(after_time(EventType::UserTaskEnd, {3, 0, 1, type}),
            "ID=3 Parent=1 Type=\"request\"\n");
  EXPECT_EQ(after_time(EventType::UserRegionBegin, {3, 2, 0}), "Task=3 Type=\"main.main\"\n");
  EXPECT_EQ(after_time(EventType::UserLog, {3, 2, 3, 0}),
            "Task=3 Category=\"main.main\" Message=\"/src/\\xff.go\"\n");
  EXPECT_EQ(after_time(EventType::SpanFree, {5}), "Name=SpanFree Args=[id=Value{Uint64(5)}]\n");
  EXPECT_EQ(after_time(EventType::HeapObject, {5, 6}),
            "Name=HeapObject Args=[id=Value{Uint64(5)}, type=Value{Uint64(6)}]\n");
}

TEST_F(EventTextTest, Syncs) {
  EXPECT_EQ(text(sync(2, nullptr)), "M=-1 P=-1 G=-1 Sync Time=5 N=2\n");
  tables_.sync = {64, true, 100, 6500, 1'700'000'000, 1'500'000'000};
  const char* const zone = std::getenv("TZ");
  const std::string saved = zone == nullptr ? "" : zone;
  ::setenv("TZ", "CET-1", 1);
  EXPECT_EQ(
      text(sync(1, &tables_)),
      "M=-1 P=-1 G=-1 Sync Time=5 N=1 Trace=6400 Mono=6500 Wall=2023-11-14T23:13:21.5+01:00\n");
  // For people, the wall clock of the time that stands before it.
  EXPECT_EQ(line(sync(1, &tables_)),
            "    -0.999999995  Sync                                  number 1, wall clock "
            "2023-11-14T23:13:21.499993605+01:00\n");
  if (zone == nullptr)
    ::unsetenv("TZ");
  else
    ::setenv("TZ", saved.c_str(), 1);
}

TEST_F(EventTextTest, AnotherGenerationHasOtherStacksUnderTheSameIds) {
  EXPECT_NE(text(event(EventType::GCMarkAssistBegin, {5})).find("main.main"), std::string::npos);
  tables_ = wire::Tables();
  fill(tables_, "main.other");
  EXPECT_NE(text(sync(2, &tables_)), "");
  const std::string other = text(event(EventType::GCMarkAssistBegin, {5}));
  EXPECT_EQ(other.find("main.main"), std::string::npos) << other;
  EXPECT_NE(other.find("main.other"), std::string::npos) << other;
}

TEST_F(EventTextTest, MoreStacksThanTheCacheHolds) {
  // Ids that share a slot, and more text than the arena takes.
  const std::string name(900, 'z');
  tables_.add_string(StringID{20}, name);
  const std::vector<std::uint32_t> frames(128, tables_.add_frame({1, StringID{20}, {}, 1}));
  for (std::uint64_t i = 0; i < 60; i++) tables_.add_stack(StackID{10 + 8192 * i}, frames);
  for (int round = 0; round < 2; round++) {
    for (std::uint64_t i = 0; i < 60; i++) {
      const std::string out = text(event(EventType::GCMarkAssistBegin, {10 + 8192 * i}));
      ASSERT_GT(out.size(), 128 * name.size());
      ASSERT_EQ(text(event(EventType::GCMarkAssistBegin, {5})).find("zzz"), std::string::npos);
    }
  }
}

TEST_F(EventTextTest, JsonOfAnEvent) {
  const auto block = json(event(EventType::GoBlock, {1, 5}));
  EXPECT_EQ(block["kind"], "StateTransition");
  EXPECT_EQ(block["time"], 1'000'000'123);
  EXPECT_EQ(block["goroutine"], 7);
  EXPECT_EQ(block["thread"], 9);
  EXPECT_FALSE(block.contains("proc"));
  EXPECT_EQ(block["resource"], (nlohmann::json{{"kind", "Goroutine"}, {"id", 7}}));
  EXPECT_EQ(block["from"], "Running");
  EXPECT_EQ(block["to"], "Waiting");
  EXPECT_EQ(block["reason"], "chan \"receive\"\n");
  EXPECT_EQ(block["stack"].size(), 2u);
  EXPECT_EQ(block["stack"], block["transition_stack"]);
  EXPECT_EQ(block["stack"][0], (nlohmann::json{{"function", "main.main"},
                                               {"file", "/src/\xef\xbf\xbd.go"},
                                               {"line", 42},
                                               {"pc", "0x47a3a3"}}));

  tables_.sync = {64, true, 100, 6500, 1'700'000'000, 1'500'000'000};
  EXPECT_EQ(json(sync(4, &tables_))["clock"],
            (nlohmann::json{{"trace", 6400}, {"mono", 6500}, {"wall", "2023-11-14T22:13:21.5Z"}}));
  EXPECT_EQ(json(event(EventType::GCSweepEnd, {8192, 64}))["attributes"]["bytes swept"], 8192);
  EXPECT_FALSE(json(event(EventType::GCBegin, {1, 0})).contains("resource"));
  EXPECT_FALSE(json(event(EventType::UserTaskBegin, {3, raw(kNoTask), 2, 0})).contains("parent"));
  EXPECT_EQ(json(event(EventType::HeapObject, {5, 6}))["args"],
            (nlohmann::json{{"id", 5}, {"type", 6}}));
}

TEST_F(EventTextTest, JsonOfEveryTypeIsWhole) {
  for (unsigned type = 0; type < 256; type++) {
    const auto object = json(event(static_cast<EventType>(type), {1, 2, 3, 4}));
    EXPECT_TRUE(object.contains("kind")) << type;
    EXPECT_NE(text(event(static_cast<EventType>(type), {1, 2, 3, 4})), "");
    EXPECT_NE(line(event(static_cast<EventType>(type), {1, 2, 3, 4}), true), "");
  }
}

TEST_F(EventTextTest, LinesQuoteNamesThatCouldBeOverlooked) {
  tables_.add_string(StringID{10}, "  ");
  tables_.add_string(StringID{11}, " a\"b");
  const std::string context = "G7          M9        ";
  const std::string log = "     0.000000123  Log             " + context;
  EXPECT_EQ(line(event(EventType::UserLog, {3, 10, 0})), log + "\"  \": \"\", task 3\n");
  EXPECT_EQ(line(event(EventType::UserLog, {3, 0, 11})), log + "\" a\\\"b\", task 3\n");
  EXPECT_EQ(line(event(EventType::UserRegionBegin, {3, 0})),
            "     0.000000123  RegionBegin     " + context + "\"\", task 3\n");
  EXPECT_EQ(line(event(EventType::UserTaskBegin, {3, raw(kNoTask), 10})),
            "     0.000000123  TaskBegin       " + context + "task 3 \"  \"\n");
  // The text of Go, and JSON, have what the trace has.
  EXPECT_EQ(json(event(EventType::UserLog, {3, 10, 0}))["category"], "  ");
  EXPECT_NE(text(event(EventType::UserLog, {3, 10, 0})).find("Category=\"  \""), std::string::npos);
}

TEST_F(EventTextTest, LinesForPeople) {
  EXPECT_EQ(
      line(event(EventType::GoBlock, {2, 5})),
      "     0.000000123  StateTransition G7          M9        goroutine 7: Running -> Waiting, "
      "main.main\n");
  EXPECT_EQ(
      line(event(EventType::UserLog, {3, 2, 1, 0})),
      "     0.000000123  Log             G7          M9        main.main: chan \"receive\"\\n, "
      "task 3\n");
  EXPECT_EQ(line(sync(1, nullptr)),
            "    -0.999999995  Sync                                  number 1\n");
  EXPECT_EQ(line(event(EventType::GCMarkAssistEnd)),
            "     0.000000123  RangeEnd        G7          M9        GC mark assist ends on "
            "goroutine 7\n");
  EXPECT_EQ(line(event(EventType::CPUSample, {5})),
            "     0.000000123  StackSample     G7          M9        main.main\n");
  tables_.add_stack(StackID{6},
                    std::vector<std::uint32_t>{tables_.add_frame({1, StringID{2}, {}, 1})});
  EXPECT_EQ(line(event(EventType::GoCreate, {50, 6, 5})),
            "     0.000000123  StateTransition G7          M9        goroutine 50: "
            "NotExist -> Runnable, main.main\n");
  // Its outermost frame has no name.
  EXPECT_EQ(line(event(EventType::GoCreate, {50, 5, 6})),
            "     0.000000123  StateTransition G7          M9        goroutine 50: "
            "NotExist -> Runnable\n");
  const std::string with_stack = line(event(EventType::ProcsChange, {4, 5}), true);
  EXPECT_NE(with_stack.find("main.main  /src/\\xff.go:42\n"), std::string::npos) << with_stack;
}

}  // namespace
}  // namespace marey::exporting
