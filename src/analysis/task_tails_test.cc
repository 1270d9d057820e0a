// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_tails.h"

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

// 150 requests of 10 ns on one goroutine, then two of 100 ns, half of which the collector marks.
TEST(TaskTails, TellWhatTheSlowestHaveInCommon) {
  TestTrace trace;
  trace.sync(0).status(1, 1, GoState::Undetermined, GoState::Running, 0);
  Time time = 10;
  const auto task = [&](std::uint64_t id, Time duration) {
    trace.event(time, Type::UserTaskBegin, 1, 0, {id, 0, trace.string("request")});
    if (duration == 100) {
      trace.event(time + 20, Type::GCBegin, 1, 0);
      trace.block(time + 30, 1, "sync");
      trace.unblock(time + 40, -1, 1);
      trace.start(time + 60, 1);
      trace.event(time + 70, Type::GCEnd, 1, 0);
    }
    trace.event(time + duration, Type::UserTaskEnd, 1, 0, {id});
    time += duration + 5;
  };
  for (std::uint64_t i = 1; i <= 150; i++) task(i, 10);
  task(151, 100);
  task(152, 100);
  trace.stop(time, 1);
  AnalysisFolds folds([](const Vocabulary&) {
    std::vector<std::unique_ptr<Analysis>> analyses;
    analyses.push_back(std::make_unique<TaskTails>());
    return analyses;
  });
  EXPECT_EQ(
      rows_of(find_tables(trace, folds), "task_tails",
              {"which", "tasks", "least", "total", "execution", "sync_block", "scheduler_wait",
               "marking"}),
      std::vector<std::string>({"which=slowest 1% tasks=2 least=100 total=200 execution=70 "
                                "sync_block=10 scheduler_wait=20 marking=50",
                                "which=all tasks=152 least=- total=1700 "
                                "execution=96.47058823529412 sync_block=1.1764705882352942 "
                                "scheduler_wait=2.3529411764705883 marking=5.882352941176471"}));
}

}  // namespace
}  // namespace marey::analysis
