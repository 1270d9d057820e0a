// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_life.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "src/analysis/test_findings.h"
#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using Type = wire::EventType;
using Rows = std::vector<std::string>;

std::vector<table::Table> life_of(std::int64_t goroutine, const TestTrace& trace,
                                  const Scope& scope = {}) {
  AnalysisFolds folds(
      [&](const Vocabulary& vocabulary) {
        std::vector<std::unique_ptr<Analysis>> analyses;
        analyses.push_back(std::make_unique<GoroutineLife>(vocabulary, scope, GoID{goroutine}));
        return analyses;
      },
      scope);
  return find_tables(trace, folds);
}

/// Goroutine 1 creates 2, which runs, is stopped, waits until 1 unblocks it, and ends.
TestTrace of_two() {
  TestTrace trace;
  trace.sync(0).status(1, 1, GoState::Undetermined, GoState::Running, 0);
  trace.create(10, 1, 2, "handle").start(20, 2, 1).stop(30, 2).start(40, 2, 1);
  trace.block(50, 2, "select").unblock(60, 1, 2).start(70, 2, 1).destroy(80, 2).stop(90, 1);
  return trace;
}

Rows life_rows(const std::vector<table::Table>& tables) {
  return rows_of(tables, "life", {"what", "at", "how", "by", "state", "function"});
}
Rows state_rows(const std::vector<table::Table>& tables) {
  return rows_of(tables, "states", {"at", "duration", "state", "function", "end_function", "by"});
}
Rows wake_rows(const std::vector<table::Table>& tables) {
  return rows_of(tables, "wakes", {"at", "what", "goroutine", "blocked", "function"});
}

TEST(GoroutineLife, HasTheStacksOfBothEnds) {
  const std::vector<table::Table> tables = life_of(2, of_two());
  EXPECT_EQ(state_rows(tables),
            Rows({"at=10 duration=10 state=Runnable function=handle end_function= by=-",
                  "at=20 duration=10 state=Running function=handle end_function=work by=-",
                  "at=30 duration=10 state=Runnable function=work end_function= by=-",
                  "at=40 duration=10 state=Running function=work end_function=wait by=-",
                  "at=50 duration=10 state=Waiting function=wait end_function=wake by=1",
                  "at=60 duration=10 state=Runnable function=wait end_function= by=-",
                  "at=70 duration=10 state=Running function=wait end_function= by=-"}));
  const auto states = std::ranges::find(tables, "states", &table::Table::id);
  ASSERT_NE(states, tables.end());
  EXPECT_EQ(states->evidence(1).stack, "handle at file.go:7");
  EXPECT_EQ(states->evidence(1).end_stack, "work at file.go:7\nstart at file.go:7");
  EXPECT_EQ(states->evidence(2).end_stack, "");
  EXPECT_EQ(states->evidence(4).end_stack, "wake at file.go:7\nmain at file.go:7");
}

TEST(GoroutineLife, TellsWhoCreatedItAndHowItEnded) {
  EXPECT_EQ(life_rows(life_of(2, of_two())),
            Rows({"what=begin at=10 how=created by=1 state=Runnable function=main",
                  "what=end at=80 how=ended by=- state=Running function="}));
  EXPECT_EQ(life_rows(life_of(1, of_two())),
            Rows({"what=begin at=0 how=there when the trace began by=- state= function=",
                  "what=end at=90 how=alive when the trace ended by=- state=Runnable "
                  "function=work"}));
  EXPECT_EQ(wake_rows(life_of(1, of_two())),
            Rows({"at=10 what=created goroutine=2 blocked=- function=main",
                  "at=60 what=unblocked goroutine=2 blocked=10 function=wake"}));
  TestTrace trace = of_two();
  trace.create(100, 1, 3, "idle").start(110, 3).block(120, 3, "forever").stop(130, 1);
  EXPECT_EQ(life_rows(life_of(3, trace)).back(),
            "what=end at=120 how=waits for ever by=- state= function=");
}

TEST(GoroutineLife, CountsBothOfACoroutine) {
  TestTrace trace;
  trace.sync(0).status(1, 1, GoState::Undetermined, GoState::Running, 0);
  trace.event(10, Type::GoCreateBlocked, 1, 0,
              {2, trace.stack({"body"}), trace.stack({"iter.Pull"})});
  trace.event(20, Type::GoSwitch, 1, 0, {2}).stop(30, 1);
  EXPECT_EQ(wake_rows(life_of(1, trace)),
            Rows({"at=10 what=created goroutine=2 blocked=- function=iter.Pull",
                  "at=20 what=unblocked goroutine=2 blocked=10 function="}));
}

TEST(GoroutineLife, IsOfTheTimeThatWasAskedFor) {
  Scope scope;
  scope.set_range(25, 55);
  const std::vector<table::Table> tables = life_of(2, of_two(), scope);
  EXPECT_EQ(life_rows(tables),
            Rows({"what=begin at=10 how=created by=1 state=Runnable function=main",
                  "what=end at=80 how=ended by=- state=Running function="}));
  EXPECT_EQ(state_rows(tables),
            Rows({"at=25 duration=5 state=Running function= end_function=work by=-",
                  "at=30 duration=10 state=Runnable function=work end_function= by=-",
                  "at=40 duration=10 state=Running function=work end_function=wait by=-",
                  "at=50 duration=5 state=Waiting function=wait end_function= by=-"}));
  EXPECT_EQ(wake_rows(life_of(1, of_two(), scope)), Rows());
  Scope later;
  later.set_range(85, 95);
  EXPECT_TRUE(life_rows(life_of(2, of_two(), later)).empty());
}

/// The creator's time counts, wherever those are that it creates and wakes.
TEST(GoroutineLife, CountsDeedsByTheirDoer) {
  Scope scope;
  scope.restrict_to({{GoID{1}, 55, 65}});
  EXPECT_EQ(wake_rows(life_of(1, of_two(), scope)),
            Rows({"at=60 what=unblocked goroutine=2 blocked=10 function=wake"}));
  EXPECT_EQ(state_rows(life_of(1, of_two(), scope)),
            Rows({"at=55 duration=10 state=Running function= end_function= by=-"}));
}

}  // namespace
}  // namespace marey::analysis
