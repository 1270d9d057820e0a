// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/procs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>

#include "src/analysis/analyses.h"
#include "src/analysis/test_findings.h"

namespace marey::analysis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum GoState;
using wire::EventType;
using wire::ProcStatus;

std::vector<table::Table> ask(const TestTrace& trace, Scope scope = {}, bool v1 = false) {
  AnalysisFolds folds([](const Vocabulary& vocabulary) { return proc_analyses(vocabulary, 100); },
                      std::move(scope));
  return find_tables(trace, folds, v1);
}

/// Two procs. G1 runs on P0 from 100 to 400 with a system call from 200 on, which returns at 250;
/// G2 runs on P1 from 300 to 350 and goes into one that loses the proc at 380.
TestTrace two_procs() {
  TestTrace trace;
  trace.sync(0)
      .proc_status(10, 0, ProcState::Undetermined, ProcStatus::Running)
      .proc_status(10, 1, ProcState::Undetermined, ProcStatus::Idle)
      .event(20, EventType::ProcsChange, -1, 0, {2})
      .create(50, -1, 1, "one")
      .create(60, -1, 2, "two")
      .start(100, 1)
      .syscall(200, 1)
      .proc_start(220, 1)
      .syscall_end(250, 1)
      .start(300, 2, 1)
      .syscall(350, 2, 1)
      .proc_steal(380, 1)
      .block(400, 1, "chan receive")
      .proc_stop(450, 0)
      .event(500, EventType::HeapAlloc);
  return trace;
}

TEST(Procs, TimeIsBusyOrInSystemCallsOrWithoutGoroutineOrIdle) {
  const auto tables = ask(two_procs());
  EXPECT_THAT(rows_of(tables, "procs",
                      {"proc", "busy", "syscall", "without_goroutine", "idle", "unknown",
                       "goroutine_switches", "stolen"}),
              ElementsAre("proc=0 busy=250 syscall=50 without_goroutine=150 idle=50 unknown=0 "
                          "goroutine_switches=1 stolen=0",
                          "proc=1 busy=50 syscall=30 without_goroutine=80 idle=340 unknown=0 "
                          "goroutine_switches=1 stolen=1"));
  EXPECT_THAT(
      rows_of(tables, "proc_balance", {"procs", "gomaxprocs", "busy_min", "busy_mean", "busy_max"}),
      ElementsAre("procs=2 gomaxprocs=2 busy_min=10 busy_mean=30 busy_max=50"));
}

TEST(Procs, OldTracesSayNothingOfSystemCalls) {
  EXPECT_THAT(
      rows_of(ask(two_procs(), {}, true), "procs", {"proc", "busy", "syscall", "unknown"}),
      ElementsAre("proc=0 busy=250 syscall=- unknown=50", "proc=1 busy=50 syscall=- unknown=30"));
}

TEST(Procs, OfAPartOfTheTrace) {
  Scope scope;
  scope.set_range(240, 370);
  EXPECT_THAT(rows_of(ask(two_procs(), std::move(scope)), "procs",
                      {"busy", "syscall", "without_goroutine", "idle", "unknown"}),
              ElementsAre("busy=120 syscall=10 without_goroutine=0 idle=0 unknown=0",
                          "busy=50 syscall=20 without_goroutine=60 idle=0 unknown=0"));
}

TEST(Procs, OfAGoroutineNothingIsSaidOfTheRest) {
  Scope scope;
  scope.set_goroutine(GoID{2});
  EXPECT_THAT(rows_of(ask(two_procs(), std::move(scope)), "procs",
                      {"proc", "busy", "syscall", "without_goroutine", "idle", "stolen"}),
              ElementsAre("proc=0 busy=0 syscall=0 without_goroutine=- idle=50 stolen=-",
                          "proc=1 busy=50 syscall=30 without_goroutine=- idle=340 stolen=-"));
}

TEST(Procs, IdleWhileGoroutinesAreRunnable) {
  // Runnable: 50 to 100 G1, 60 to 300 G2. Idle: P1 until 220.
  const auto tables = ask(two_procs());
  EXPECT_THAT(rows_of(tables, "idle_while_runnable", {"times", "total"}),
              ElementsAre("times=1 total=170"));
  EXPECT_THAT(rows_of(tables, "longest_idle_while_runnable", {"at", "duration"}),
              ElementsAre("at=50 duration=170"));
}

TEST(Procs, NotIdleWhileTheWorldIsStopped) {
  TestTrace trace;
  trace.sync(0)
      .proc_status(1, 0, ProcState::Undetermined, ProcStatus::Running)
      .proc_status(1, 1, ProcState::Undetermined, ProcStatus::Idle)
      .status(2, 1, Undetermined, Running, 0)
      .create(100, 1, 2, "two")
      .stop_the_world(150, 1, "GC")
      .start_the_world(250, 1, "GC")
      .proc_start(300, 1)
      .event(400, EventType::HeapAlloc);
  EXPECT_THAT(rows_of(ask(trace), "longest_idle_while_runnable", {"at", "duration"}),
              ElementsAre("at=100 duration=50", "at=250 duration=50"));
  // Whoever stops it.
  Scope scope;
  scope.set_goroutine(GoID{2});
  EXPECT_THAT(
      rows_of(ask(trace, std::move(scope)), "longest_idle_while_runnable", {"at", "duration"}),
      ElementsAre("at=100 duration=50", "at=250 duration=50"));
}

TEST(Procs, ThoseBeyondGomaxprocsAreNotIdle) {
  TestTrace trace;
  trace.sync(0)
      .proc_status(0, 0, ProcState::Undetermined, ProcStatus::Running)
      .proc_status(0, 1, ProcState::Undetermined, ProcStatus::Idle)
      .event(10, EventType::ProcsChange, -1, 0, {2})
      .event(100, EventType::ProcsChange, -1, 0, {1})
      .create(150, -1, 1, "one")
      .event(160, EventType::ProcsChange, -1, 0, {1})
      .event(300, EventType::ProcsChange, -1, 0, {2})
      .event(400, EventType::HeapAlloc);
  const auto tables = ask(trace);
  EXPECT_THAT(rows_of(tables, "procs", {"idle", "unknown"}),
              ElementsAre("idle=0 unknown=0", "idle=200 unknown=200"));
  EXPECT_THAT(
      rows_of(tables, "gomaxprocs", {"at", "procs", "change"}),
      ElementsAre("at=10 procs=2 change=-", "at=100 procs=1 change=-1", "at=300 procs=2 change=1"));
  EXPECT_THAT(rows_of(tables, "longest_idle_while_runnable", {"at", "duration"}),
              ElementsAre("at=300 duration=100"));
}

TEST(Procs, OfOldTracesAreIdleUntilTheyFirstStart) {
  TestTrace trace;
  trace.sync(0).proc_start(300, 1).proc_stop(350, 1).event(400, EventType::HeapAlloc);
  EXPECT_THAT(rows_of(ask(trace, {}, true), "procs", {"proc", "idle", "unknown"}),
              ElementsAre("proc=1 idle=350 unknown=0"));
}

TEST(StuckProcs, AreKeptByASystemCallOrARun) {
  // From 100 on. G1's system call loses its proc after 120; G1 runs for 150.
  TestTrace trace;
  trace.sync(0)
      .proc_status(1, 0, ProcState::Undetermined, ProcStatus::Running)
      .create(5, -1, 1, "one")
      .start(10, 1)
      .syscall(20, 1)
      .proc_steal(140, 0)
      .syscall_end_blocked(400, 1)
      .proc_start(410, 0)
      .start(420, 1)
      .stop(570, 1)
      .event(600, EventType::HeapAlloc);
  const auto tables = ask(trace);
  EXPECT_THAT(rows_of(tables, "stuck_procs", {"kept", "by", "at", "proc", "goroutine", "function"}),
              ElementsAre("kept=150 by=running at=420 proc=0 goroutine=1 function=one",
                          "kept=120 by=system call at=20 proc=0 goroutine=1 function=one"));
  // Where the run stopped, and where the call was made.
  EXPECT_THAT(rows_of(tables, "stuck_procs", {"where", "place"}),
              ElementsAre("where=work place=file.go:7", "where=read place=file.go:7"));
  EXPECT_THAT(rows_of(tables, "proc_syscalls", {"kept", "duration", "where", "place", "seen"}),
              ElementsAre("kept=120 duration=380 where=read place=file.go:7 seen="));
}

TEST(StuckProcs, ThatTheTraceEndsInSaySo) {
  TestTrace trace;
  trace.sync(0)
      .proc_status(1, 0, ProcState::Undetermined, ProcStatus::Running)
      .create(5, -1, 1, "one")
      .start(10, 1)
      .syscall(20, 1)
      .event(600, EventType::HeapAlloc);
  EXPECT_THAT(rows_of(ask(trace), "stuck_procs", {"kept", "by", "seen"}),
              ElementsAre("kept=580 by=system call seen=part"));
  // The format before Go 1.22 has the end of no system call that keeps its proc.
  EXPECT_THAT(rows_of(ask(trace, {}, true), "stuck_procs", {"kept"}), IsEmpty());
  EXPECT_THAT(rows_of(ask(trace, {}, true), "proc_syscalls", {"kept"}), IsEmpty());
}

TEST(StuckProcs, WhatAnotherThreadTellsOfKeepsNoProc) {
  TestTrace trace;
  trace.sync(0)
      .proc_status(1, 0, ProcState::Undetermined, ProcStatus::Running)
      .status(10, 1, Undetermined, Syscall, 0)  // on thread 0, told by 100
      .event(600, EventType::HeapAlloc);
  EXPECT_THAT(rows_of(ask(trace), "proc_syscalls", {"kept"}), IsEmpty());
  EXPECT_THAT(rows_of(ask(trace), "procs", {"syscall"}), ElementsAre("syscall=0"));
}

TEST(Preemptions, AreCountedByStartFunction) {
  constexpr Time kMs = 1'000'000;
  TestTrace trace;
  trace.sync(0)
      .create(1, -1, 1, "one")
      .create(2, -1, 2, "two")
      .start(10, 1)
      .stop(10 + 12 * kMs, 1)
      .start(20 * kMs, 2)
      .stop(20 * kMs + 300, 2, "runtime.Gosched")
      .start(30 * kMs, 1)
      .stop(40 * kMs - 1, 1)
      .start(50 * kMs, 1);  // its end is not in the trace
  EXPECT_THAT(rows_of(ask(trace), "preemptions",
                      {"function", "preempted", "long_runs", "runs", "total", "max"}),
              ElementsAre("function=one preempted=2 long_runs=1 runs=2 total=21999999 max=12000000",
                          "function=two preempted=0 long_runs=0 runs=1 total=300 max=300"));
}

}  // namespace
}  // namespace marey::analysis
