// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/stop_the_world.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/test_findings.h"
#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using Rows = std::vector<std::string>;

AnalysisFolds folds(Scope scope = {}) {
  return AnalysisFolds(
      [](const Vocabulary&) {
        std::vector<std::unique_ptr<Analysis>> analyses;
        analyses.push_back(std::make_unique<StopTheWorld>(StopTheWorld::Detail::Distribution));
        return analyses;
      },
      std::move(scope));
}

Rows pauses(const TestTrace& trace, AnalysisFolds analyses) {
  return rows_of(find_tables(trace, analyses), "worst_pauses",
                 {"pause", "goroutine", "stopping", "stopped", "last", "function"});
}

/// Goroutines 1 to `count`, each on the proc of its number.
TestTrace running(std::int64_t count) {
  TestTrace trace;
  trace.sync(0);
  for (std::int64_t i = 1; i <= count; i++) {
    trace.proc_status(1, i, ProcState::Undetermined, wire::ProcStatus::Running);
    trace.status(1, i, GoState::Undetermined, GoState::Running, i);
  }
  return trace;
}

/// The goroutine of the number of the proc stops, in `function`, and then the proc.
void stop(TestTrace& trace, Time time, std::int64_t number, std::string_view function = "work") {
  trace.event(time, wire::EventType::GoStop, number, number,
              {trace.string("preempted"), trace.stack({function, "start"})});
  trace.proc_stop(time, number);
}

void start(TestTrace& trace, Time time, std::int64_t number) {
  trace.proc_start(time, number);
  trace.start(time, number, number);
}

void stop_the_world(TestTrace& trace, Time begin) {
  trace.event(begin, wire::EventType::STWBegin, 1, 1, {trace.string("read mem stats")});
}

void start_the_world(TestTrace& trace, Time end) {
  trace.event(end, wire::EventType::STWEnd, 1, 1, {trace.string("read mem stats")});
}

/// G1 stops the world at 100, G2 and G3 run then.
TestTrace three_goroutines() {
  TestTrace trace = running(4);
  stop(trace, 50, 4);
  stop_the_world(trace, 100);
  stop(trace, 110, 3);
  stop(trace, 130, 2, "late");
  start_the_world(trace, 200);
  start(trace, 210, 3);
  stop(trace, 220, 3);
  return trace;
}

TEST(StopTheWorld, NamesTheLastToStop) {
  EXPECT_EQ(pauses(three_goroutines(), folds()),
            Rows({"pause=100 goroutine=1 stopping=30 stopped=70 last=2 function=late"}));
}

TEST(StopTheWorld, KnowsTheLastToStopOfAPartOfTheTrace) {
  Scope one;
  one.set_goroutine(GoID{1});
  EXPECT_EQ(pauses(three_goroutines(), folds(one)),
            Rows({"pause=100 goroutine=1 stopping=30 stopped=70 last=2 function=late"}));
  Scope late;
  late.set_range(150, 210);
  EXPECT_EQ(pauses(three_goroutines(), folds(late)),
            Rows({"pause=100 goroutine=1 stopping=30 stopped=70 last=2 function=late"}));
  // What another goroutine does is stopped, too; but not before it begins to.
  Scope other;
  other.restrict_to({{GoID{2}, 120, 130}});
  EXPECT_EQ(pauses(three_goroutines(), folds(other)).size(), 1u);
  Scope before;
  before.restrict_to({{GoID{2}, 20, 90}});
  EXPECT_EQ(pauses(three_goroutines(), folds(before)), Rows());
}

// The thread of the one that stops it gets no time from the system.
TEST(StopTheWorld, StandsStillUntilOthersRun) {
  TestTrace trace = running(3);
  stop(trace, 50, 3);
  stop_the_world(trace, 100);
  start(trace, 105, 3);  // does not know yet
  stop(trace, 110, 2);
  stop(trace, 120, 3);
  start(trace, 150, 2);
  start_the_world(trace, 900);
  stop(trace, 910, 2);
  EXPECT_EQ(pauses(trace, folds()),
            Rows({"pause=800 goroutine=1 stopping=20 stopped=30 last=3 function=work"}));
}

// A thread that is between two goroutines has a proc to give up, too.
TEST(StopTheWorld, HasStoppedWhenAllProcsAreGivenUp) {
  TestTrace trace = running(2);
  trace.event(90, wire::EventType::GoStop, 2, 2, {});
  stop_the_world(trace, 100);
  trace.proc_stop(160, 2);
  start_the_world(trace, 200);
  EXPECT_EQ(pauses(trace, folds()),
            Rows({"pause=100 goroutine=1 stopping=60 stopped=40 last=- function="}));
}

TEST(StopTheWorld, TakesNoTimeToStopWhereNobodyElseRuns) {
  TestTrace trace = running(1);
  stop_the_world(trace, 100);
  start_the_world(trace, 140);
  EXPECT_EQ(pauses(trace, folds()),
            Rows({"pause=40 goroutine=1 stopping=0 stopped=40 last=- function="}));
}

}  // namespace
}  // namespace marey::analysis
