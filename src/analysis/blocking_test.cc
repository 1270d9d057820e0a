// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/blocking.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/analysis/test_findings.h"
#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using Rows = std::vector<std::string>;

std::vector<table::Table> blocked(const TestTrace& trace) {
  AnalysisFolds folds([](const Vocabulary&) {
    std::vector<std::unique_ptr<Analysis>> analyses;
    analyses.push_back(std::make_unique<Blocking>());
    return analyses;
  });
  return find_tables(trace, folds);
}

TEST(Blocking, TellsTheCollectorsWaitsFromTheProgramsOwn) {
  TestTrace trace;
  trace.sync(0);
  Time time = 1;
  std::int64_t goroutine = 0;
  // Each waits for 10 ns, the last one for ever.
  const auto block = [&](std::string_view reason, std::initializer_list<std::string_view> stack) {
    trace.status(time, ++goroutine, GoState::Undetermined, GoState::Running, 0);
    trace.event(time + 1, wire::EventType::GoBlock, goroutine, 0,
                {trace.string(reason), trace.stack(stack)});
    trace.unblock(time + 11, -1, goroutine);
    time += 20;
  };
  block("sync", {"runtime.gcMarkDone", "runtime.gcAssistAlloc", "runtime.mallocgc", "main.make"});
  block("sync", {"sync.(*Mutex).Lock", "main.make"});
  block("GC mark assist wait for work", {"runtime.gcParkAssist", "main.make"});
  block("system goroutine wait", {"runtime.gopark", "runtime.gcBgMarkWorker"});
  block("system goroutine wait", {"runtime.(*scavengerState).park", "runtime.bgscavenge"});
  block("chan receive", {"runtime.chanrecv1", "main.callsGC", "runtime.gcUnlikely"});
  block("sync", {});
  const std::vector<table::Table> tables = blocked(trace);
  EXPECT_EQ(rows_of(tables, "blocked_by_reason", {"reason", "part_of", "blocks", "total"}),
            Rows({"reason=sync part_of= blocks=2 total=20",
                  "reason=system goroutine wait part_of=GC blocks=2 total=20",
                  "reason=GC mark assist wait for work part_of=GC blocks=1 total=10",
                  "reason=chan receive part_of= blocks=1 total=10",
                  "reason=sync part_of=GC blocks=1 total=10"}));
  EXPECT_EQ(
      rows_of(tables, "blocked_by_call_site", {"function", "reason", "part_of"}),
      Rows({"function= reason=sync part_of=", "function=main.callsGC reason=chan receive part_of=",
            "function=main.make reason=GC mark assist wait for work part_of=GC",
            "function=main.make reason=sync part_of=", "function=main.make reason=sync part_of=GC",
            "function=runtime.bgscavenge reason=system goroutine wait part_of=GC",
            "function=runtime.gcBgMarkWorker reason=system goroutine wait part_of=GC"}));
}

}  // namespace
}  // namespace marey::analysis
