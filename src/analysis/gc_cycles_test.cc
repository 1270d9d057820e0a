// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/gc_cycles.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "src/analysis/test_findings.h"
#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using Rows = std::vector<std::string>;
using Type = wire::EventType;

std::vector<table::Table> cycles(const TestTrace& trace, const Scope& scope = {}) {
  AnalysisFolds folds(
      [&scope](const Vocabulary&) {
        std::vector<std::unique_ptr<Analysis>> analyses;
        analyses.push_back(std::make_unique<GCCycles>(scope));
        return analyses;
      },
      scope);
  return find_tables(trace, folds);
}

/// Two procs, two cycles: from 100 to 200, and from 300 on.
TestTrace two_cycles() {
  TestTrace trace;
  trace.sync(0)
      .event(1, Type::ProcsChange, 1, 0, {2})
      .status(2, 1, GoState::Undetermined, GoState::Running, 0)
      .status(3, 2, GoState::Undetermined, GoState::Runnable)
      .event(10, Type::HeapGoal, 1, 0, {4000})
      .event(20, Type::HeapAlloc, 1, 0, {3000})
      .event(100, Type::GCBegin, 1, 0)
      .stop_the_world(105, 1, "GC sweep termination")
      .start_the_world(115, 1, "GC sweep termination")
      .assist(120, 1)
      .assist_end(140, 1)
      .assist(145, 1)
      .assist_end(150, 1)
      .event(160, Type::HeapAlloc, 1, 0, {3500})
      .start(170, 2, 1)
      .label(170, 2, 1, "GC (dedicated)")
      .stop_the_world(190, 1, "GC mark termination")
      .event(195, Type::HeapAlloc, 1, 0, {1500})
      .event(200, Type::GCEnd, 1, 0)
      .start_the_world(210, 1, "GC mark termination")
      .event(215, Type::HeapGoal, 1, 0, {3000})
      .event(220, Type::GoStop, 2, 1)
      .event(230, Type::GCSweepBegin, 1, 0)
      .event(236, Type::GCSweepEnd, 1, 0, {100, 10})
      .event(290, Type::HeapAlloc, 1, 0, {2900})
      .event(300, Type::GCBegin, 1, 0)
      .stop(400, 1);
  return trace;
}

TEST(GCCycles, SayWhatBecameOfTheHeap) {
  EXPECT_EQ(rows_of(cycles(two_cycles()), "gc_cycles",
                    {"at", "mark", "heap_before", "heap_peak", "heap_after", "goal"}),
            Rows({"at=100 mark=100 heap_before=3000 heap_peak=3500 heap_after=1500 goal=4000",
                  "at=300 mark=100 heap_before=2900 heap_peak=2900 heap_after=- goal=3000"}));
}

// The runtime stops the world only after it has told that marking begins.
TEST(GCCycles, FindTheirPauses) {
  EXPECT_EQ(
      rows_of(cycles(two_cycles()), "gc_cycles", {"at", "sweep_termination", "mark_termination"}),
      Rows({"at=100 sweep_termination=10 mark_termination=20",
            "at=300 sweep_termination=- mark_termination=-"}));
}

// The worker runs from 170 to 220, assists took 25: (30 + 25) / (2 procs * 100).
TEST(GCCycles, CostWhatTheirWorkersAndAssistsTookWhileMarking) {
  EXPECT_EQ(rows_of(cycles(two_cycles()), "gc_cycles",
                    {"cpu", "cpu_share", "assists", "assist", "assist_max", "assist_max_goroutine",
                     "sweeps", "sweep"}),
            Rows({"cpu=55 cpu_share=27.5 assists=2 assist=25 assist_max=20 "
                  "assist_max_goroutine=1 sweeps=1 sweep=6",
                  "cpu=0 cpu_share=- assists=0 assist=0 assist_max=- "
                  "assist_max_goroutine=- sweeps=- sweep=-"}));
}

TEST(GCCycles, AreChosenByTimeAndNotCut) {
  Scope scope;
  scope.set_range(150, 160);
  EXPECT_EQ(rows_of(cycles(two_cycles(), scope), "gc_cycles", {"at", "mark", "cpu", "assists"}),
            Rows({"at=100 mark=100 cpu=55 assists=2"}));
}

// What all do for the collector stays.
TEST(GCCycles, CountTheAssistsAndSweepsOfThoseThatWereAskedFor) {
  const auto found = [](const Scope& scope) {
    return rows_of(cycles(two_cycles(), scope), "gc_cycles",
                   {"at", "cpu", "assists", "assist", "sweeps"});
  };
  Scope first;
  first.set_goroutine(GoID{1});
  EXPECT_EQ(found(first), Rows({"at=100 cpu=55 assists=2 assist=25 sweeps=1",
                                "at=300 cpu=0 assists=0 assist=0 sweeps=-"}));
  Scope second;
  second.set_goroutine(GoID{2});
  EXPECT_EQ(found(second), Rows({"at=100 cpu=55 assists=0 assist=0 sweeps=0",
                                 "at=300 cpu=0 assists=0 assist=0 sweeps=-"}));
  Scope part;
  part.restrict_to({{GoID{1}, 142, 160}});
  EXPECT_EQ(found(part), Rows({"at=100 cpu=55 assists=1 assist=5 sweeps=0"}));
}

}  // namespace
}  // namespace marey::analysis
