// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/stop_the_world.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
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
        analyses.push_back(std::make_unique<StopTheWorld>());
        return analyses;
      },
      std::move(scope));
}

Rows pauses(const TestTrace& trace, AnalysisFolds analyses) {
  return rows_of(find_tables(trace, analyses), "worst_pauses",
                 {"pause", "goroutine", "stopping", "last", "function"});
}

/// G1 stops the world at 100, G2 and G3 run then.
TestTrace three_goroutines() {
  TestTrace trace;
  trace.sync(0)
      .status(1, 1, GoState::Undetermined, GoState::Running, 0)
      .status(2, 2, GoState::Undetermined, GoState::Running, 1)
      .status(3, 3, GoState::Undetermined, GoState::Running, 2)
      .status(4, 4, GoState::Undetermined, GoState::Running, 3)
      .stop(50, 4)
      .stop_the_world(100, 1, "read mem stats")
      .stop(110, 3)
      .block(130, 2, "sleep", "late")
      .start_the_world(200, 1, "read mem stats")
      .start(210, 3, 2)
      .stop(220, 3)
      .destroy(230, 1);
  return trace;
}

TEST(StopTheWorld, NamesTheLastToStop) {
  EXPECT_EQ(pauses(three_goroutines(), folds()),
            Rows({"pause=100 goroutine=1 stopping=30 last=2 function=late"}));
}

TEST(StopTheWorld, KnowsTheLastToStopOfAPartOfTheTrace) {
  Scope one;
  one.set_goroutine(GoID{1});
  EXPECT_EQ(pauses(three_goroutines(), folds(one)),
            Rows({"pause=100 goroutine=1 stopping=30 last=2 function=late"}));
  Scope late;
  late.set_range(150, 210);
  EXPECT_EQ(pauses(three_goroutines(), folds(late)),
            Rows({"pause=100 goroutine=1 stopping=30 last=2 function=late"}));
  Scope other;
  other.set_goroutine(GoID{2});
  EXPECT_EQ(pauses(three_goroutines(), folds(other)), Rows());
}

TEST(StopTheWorld, TakesNoTimeToStopWhereNobodyElseRuns) {
  TestTrace trace;
  trace.sync(0)
      .status(1, 1, GoState::Undetermined, GoState::Running, 0)
      .stop_the_world(100, 1, "GC sweep termination")
      .start_the_world(140, 1, "GC sweep termination")
      .destroy(150, 1);
  EXPECT_EQ(pauses(trace, folds()), Rows({"pause=40 goroutine=1 stopping=0 last=- function="}));
}

}  // namespace
}  // namespace marey::analysis
