// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/latency_places.h"

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

Rows call_sites(const TestTrace& trace) {
  AnalysisFolds folds([](const Vocabulary&) {
    std::vector<std::unique_ptr<Analysis>> analyses;
    analyses.push_back(std::make_unique<LatencyPlaces>());
    return analyses;
  });
  return rows_of(find_tables(trace, folds), "latency_by_call_site",
                 {"function", "cause", "waits", "total"});
}

TEST(LatencyPlaces, TellWhyWhereNoCallDoes) {
  TestTrace trace;
  trace.sync(0).create(10, -1, 1, "work").start(20, 1);  // by "main", for 10
  trace.block(30, 1, "sleep", "time.Sleep").event(40, Type::GoUnblock, -1, 0, {1}).start(60, 1);
  trace.stop(70, 1, "preempted").start(100, 1);
  trace.stop(110, 1, "runtime.Gosched").start(150, 1);
  trace.syscall(160, 1).syscall_end_blocked(200, 1).start(250, 1);
  trace.block(260, 1, "chan receive").unblock(270, 9, 1).start(330, 1).stop(340, 1);
  EXPECT_EQ(call_sites(trace), Rows({"function=wake cause= waits=1 total=60",
                                     "function=read cause=returned: read waits=1 total=50",
                                     "function=work cause=runtime.Gosched waits=1 total=40",
                                     "function=work cause=preempted waits=1 total=30",
                                     "function=start cause=unblocked: time.Sleep waits=1 total=20",
                                     "function=main cause= waits=1 total=10"}));
}

}  // namespace
}  // namespace marey::analysis
