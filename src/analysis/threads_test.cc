// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>

#include "src/analysis/analyses.h"
#include "src/analysis/scope.h"
#include "src/analysis/test_findings.h"

namespace marey::analysis {
namespace {

using testing::ElementsAre;
using enum GoState;
using wire::EventType;
using wire::ProcStatus;

std::vector<table::Table> ask(const TestTrace& trace, bool v1 = false) {
  const Scope everything;
  AnalysisFolds folds([&everything](const Vocabulary& vocabulary) {
    return analyses_of("threads", vocabulary, everything);
  });
  return find_tables(trace, folds, v1);
}

// A proc's thread has its number and 100: 99 is the one without a proc.
TEST(Threads, FromTheirFirstEventToTheirLast) {
  TestTrace trace;
  trace.sync(0)
      .proc_status(10, 0, ProcState::Undetermined, ProcStatus::Running)
      .create(50, -1, 1, "one")
      .start(100, 1)
      .syscall(200, 1)
      .syscall_end(250, 1)
      .block(300, 1, "chan receive")
      .proc_stop(450, 0)
      .event(500, EventType::HeapAlloc);
  const std::initializer_list<std::string_view> columns{
      "thread", "first", "last", "lifetime", "running", "syscall", "without_goroutine"};
  // It holds its proc since before the trace.
  EXPECT_THAT(rows_of(ask(trace), "threads", columns),
              testing::Contains("thread=100 first=0 last=450 lifetime=450 running=150 syscall=50 "
                                "without_goroutine=250"));
  EXPECT_THAT(rows_of(ask(trace), "threads", {"thread", "without_proc", "goroutine_switches"}),
              testing::Contains("thread=100 without_proc=0 goroutine_switches=1"));
  EXPECT_THAT(rows_of(ask(trace, true), "threads", {"thread", "running", "syscall"}),
              testing::Contains("thread=100 running=150 syscall=-"));
}

TEST(Threads, AreInCForCallsFromC) {
  TestTrace trace;
  trace.sync(0)
      .create_callback(100, 7)
      .syscall_end_blocked(130, 7)
      .start(150, 7, -1)
      .event(200, EventType::GoSyscallBegin, 7, -1)  // without a stack
      .destroy_syscall(260, 7)
      .event(300, EventType::HeapAlloc, -1, 5);
  EXPECT_THAT(rows_of(ask(trace), "threads", {"thread", "running", "syscall", "c_calls"}),
              ElementsAre("thread=99 running=50 syscall=0 c_calls=90",
                          "thread=105 running=0 syscall=0 c_calls=0"));
}

TEST(CCalls, ByCallAndCaller) {
  TestTrace trace;
  const auto call = [&](Time from, Time to, std::initializer_list<std::string_view> stack) {
    trace.event(from, EventType::GoSyscallBegin, 1, 0, {0, trace.stack(stack)}).syscall_end(to, 1);
  };
  trace.sync(0).create(50, -1, 1, "one").start(100, 1);
  call(200, 300, {"main._Cfunc_nap", "main.rest", "one"});
  call(300, 310, {"main._Cfunc_nap", "main.rest", "other", "one"});
  call(400, 405, {"runtime.cgocall", "main._C2func_nap", "main.work", "one"});
  call(500, 600, {"syscall.Read", "main.work", "one"});
  call(700, 720, {"runtime.cgocall", "example.org/lib.direct", "one"});
  trace.event(1000, EventType::HeapAlloc);
  const auto tables = ask(trace);
  EXPECT_THAT(rows_of(tables, "c_calls", {"call", "caller", "calls", "total", "max"}),
              ElementsAre("call=main._Cfunc_nap caller=main.rest calls=2 total=110 max=100",
                          "call=example.org/lib.direct caller=one calls=1 total=20 max=20",
                          "call=main._C2func_nap caller=main.work calls=1 total=5 max=5"));
  EXPECT_THAT(rows_of(tables, "threads", {"syscall", "c_calls"}),
              testing::Contains("syscall=100 c_calls=135"));
}

}  // namespace
}  // namespace marey::analysis
