// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/collector_intervals.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using Texts = std::vector<std::string>;

std::string joined(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + '\n';
  return all;
}

Texts work_in(AnalysisFold& fold, Time end) {
  const Recorder& found = finish_recorder(fold, end);
  Texts texts;
  for (const CollectorInterval& work : found.collector_intervals) {
    texts.push_back(found.text_of(work));
  }
  return texts;
}

/// What the trace of one generation says, and that it says so wherever it is cut.
Texts work_in(const TestTrace& trace) {
  const auto records = trace.records();
  const Time end = records.back().time;
  const AnalysisFolds folds = recorder_folds();
  const std::vector<TestPiece> whole{{records, &trace.tables(), 1}};
  const Texts expected = work_in(*fold_pieces(folds, whole), end);
  for (std::size_t first = 1; first < records.size(); first++) {
    for (std::size_t second = first; second < records.size(); second++) {
      std::vector<TestPiece> pieces{{records.first(first), &trace.tables(), 1}};
      if (second > first) {
        pieces.push_back({records.subspan(first, second - first), &trace.tables(), 1});
      }
      pieces.push_back({records.subspan(second), &trace.tables(), 1});
      for (unsigned seed = 0; seed < 3; seed++) {
        EXPECT_EQ(joined(work_in(*fold_pieces(folds, pieces, seed), end)), joined(expected))
            << "cut at " << first << " and " << second;
      }
    }
  }
  return expected;
}

TestTrace trace_of_one_goroutine() {
  TestTrace trace;
  trace.sync(0)
      .proc_status(1, 0, ProcState::Undetermined, wire::ProcStatus::Running)
      .status(2, 1, GoState::Undetermined, GoState::Running, 0);
  return trace;
}

TEST(CollectorIntervals, AssistsInOneStay) {
  TestTrace trace = trace_of_one_goroutine();
  trace.assist(10, 1).assist_end(15, 1).assist(20, 1).assist_end(30, 1).block(40, 1, "sleep");
  EXPECT_EQ(work_in(trace), (Texts{"assist g1 p0 10..15", "assist g1 p0 20..30"}));
}

TEST(CollectorIntervals, AnAssistThatWaitsCountsWhileItRuns) {
  TestTrace trace = trace_of_one_goroutine();
  trace.assist(10, 1)
      .block(15, 1, "GC mark assist wait for work")
      .start(16, 2)
      .unblock(20, 2, 1)
      .block(25, 2, "chan receive")
      .start(30, 1)
      .assist_end(35, 1)
      .block(40, 1, "chan send")
      .start(50, 1)
      .stop(60, 1);
  EXPECT_EQ(work_in(trace), (Texts{"assist g1 p0 10..15", "assist g1 p0 30..35"}));
}

TEST(CollectorIntervals, AStayWithinAnAssistIsToldByItsStack) {
  TestTrace trace = trace_of_one_goroutine();
  trace.assist(10, 1).stop(15, 1).start(20, 1);
  trace.event(
      25, wire::EventType::GoBlock, 1, 0,
      {trace.string("sync"), trace.stack({"runtime.gcMarkDone", "runtime.gcAssistAlloc", "main"})});
  trace.start(30, 1);
  // None of an assist: the end of this one is lost.
  trace.event(35, wire::EventType::GoBlock, 1, 0,
              {trace.string("sync"), trace.stack({"sync.(*Mutex).Lock", "main"})});
  trace.start(40, 1).assist_end(45, 1).stop(50, 1);
  EXPECT_EQ(work_in(trace),
            (Texts{"assist g1 p0 10..15", "assist g1 p0 20..25", "assist g1 p0 40..45"}));
}

TEST(CollectorIntervals, AnAssistThatIsUnderWayBeginsWithTheTrace) {
  TestTrace trace = trace_of_one_goroutine();
  trace.event(3, wire::EventType::GCMarkAssistActive, 1, 0, {1}).assist_end(9, 1).stop(12, 1);
  EXPECT_EQ(work_in(trace), (Texts{"assist g1 p0 0~..9"}));
}

// It is told of by whoever runs, and runs itself only later.
TEST(CollectorIntervals, AnAssistThatWaitsWhenTheTraceBegins) {
  TestTrace trace = trace_of_one_goroutine();
  trace.status(3, 7, GoState::Undetermined, GoState::Waiting)
      .event(3, wire::EventType::GCMarkAssistActive, 1, 0, {7})
      .unblock(10, 1, 7)
      .block(20, 1, "sleep")
      .start(30, 7)
      .assist_end(35, 7)
      .stop(40, 7);
  EXPECT_EQ(work_in(trace), (Texts{"assist g7 p0 30..35"}));
}

TEST(CollectorIntervals, EachStayOfAWorkerCountsOnce) {
  TestTrace trace = trace_of_one_goroutine();
  trace.block(5, 1, "sleep")
      .start(10, 9)
      .label(11, 9, 0, "GC (dedicated)")
      .stop(20, 9)
      .start(30, 9)
      .label(31, 9, 0, "GC (dedicated)")
      .block(40, 9, "system goroutine wait")
      .start(50, 9)
      .label(51, 9, 0, "GC (fractional)")
      .stop(60, 9)
      .start(70, 9)
      .label(71, 9, 0, "GC (idle)")
      .stop(80, 9)
      .start(90, 9)
      .label(91, 9, 0, "not GC")
      .stop(95, 9);
  EXPECT_EQ(work_in(trace),
            (Texts{"dedicated g9 p0 11..20", "dedicated g9 p0 31..40", "background g9 p0 51..60"}));
}

TEST(CollectorIntervals, WhatIsOpenEndsWithTheTrace) {
  TestTrace trace = trace_of_one_goroutine();
  trace.assist(10, 1)
      .stop(15, 1)
      .start(20, 1)
      .start(21, 9, 1)
      .label(22, 9, 1, "GC (dedicated)")
      .start(25, 3, 2);
  EXPECT_EQ(work_in(trace),
            (Texts{"assist g1 p0 10..15", "assist g1 p0 20..25~", "dedicated g9 p1 22..25~"}));
}

TEST(CollectorIntervals, WhatRunsElseEndsAnAssistOfWhichTheEndIsLost) {
  TestTrace trace = trace_of_one_goroutine();
  trace.assist(10, 1).start(20, 2).assist(25, 2).assist(30, 2).assist_end(35, 2).stop(40, 2);
  EXPECT_EQ(work_in(trace),
            (Texts{"assist g1 p0 10..20!", "assist g2 p0 25..30!", "assist g2 p0 30..35"}));
}

TEST(CollectorIntervals, NothingCrossesAGap) {
  TestTrace before = trace_of_one_goroutine();
  before.assist(10, 1);
  TestTrace behind;
  behind.sync(100, 2).restate(101, 1, GoState::Running).assist_end(110, 1).stop(120, 1);
  const AnalysisFolds folds = recorder_folds();
  const std::vector<TestPiece> pieces{{before.records(), &before.tables(), 1},
                                      {behind.records(), &behind.tables(), 3}};
  EXPECT_EQ(work_in(*fold_pieces(folds, pieces), 120), Texts{});
}

}  // namespace
}  // namespace marey::analysis
