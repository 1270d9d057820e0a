// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/analysis/analysis_fold.h"
#include "src/analysis/profile.h"
#include "src/analysis/report.h"
#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

/// Goroutines that take turns: each is unblocked, runs, makes a system call and blocks.
TestTrace busy_trace(std::int64_t goroutines, std::int64_t events) {
  TestTrace trace;
  trace.sync(100);
  for (std::int64_t g = 1; g <= goroutines; g++) {
    trace.status(100 + g, g, GoState::Undetermined, GoState::Waiting);
  }
  const std::uint64_t wait = trace.stack({"wait", "start"});
  const std::uint64_t wake = trace.stack({"wake", "main"});
  const std::uint64_t read = trace.stack({"read", "start"});
  const std::uint64_t reason = trace.string("chan receive");
  Time time = 1'000'000;
  for (std::int64_t i = 0; i < events; i += 5) {
    // No order that a cache could guess.
    const std::int64_t g = 1 + (i * 7919) % goroutines;
    const auto id = static_cast<std::uint64_t>(g);
    using Type = wire::EventType;
    trace.event(time += 100, Type::GoUnblock, -1, 0, {id, 0, wake});
    trace.event(time += 100, Type::GoStart, -1, 0, {id});
    trace.event(time += 100, Type::GoSyscallBegin, g, 0, {0, read});
    trace.event(time += 100, Type::GoSyscallEnd, g, 0);
    trace.event(time += 100, Type::GoBlock, g, 0, {reason, wait});
  }
  return trace;
}

void fold(benchmark::State& state, const AnalysisFolds& folds) {
  const TestTrace trace = busy_trace(state.range(0), 1'000'000);
  const auto records = trace.records();
  // In blocks, as a pass hands them out.
  constexpr std::size_t kBlock = 256;
  for (auto _ : state) {
    const auto fold = folds.make();
    fold->begin(trace.tables(), 1);
    for (std::size_t i = 0; i < records.size(); i += kBlock) {
      fold->events(records.subspan(i, std::min(kBlock, records.size() - i)));
    }
    fold->end(records.back().time);
    static_cast<AnalysisFold&>(*fold).finish(Ending(records.back().time + 1));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records.size()));
}

void BM_SchedProfile(benchmark::State& state) {
  fold(state, AnalysisFolds([](const Vocabulary& vocabulary) {
         std::vector<std::unique_ptr<Analysis>> analyses;
         analyses.push_back(std::make_unique<Profile>(ProfileKind::Sched, vocabulary));
         return analyses;
       }));
}
BENCHMARK(BM_SchedProfile)->Arg(16)->Arg(1000)->Arg(100'000);

void BM_Report(benchmark::State& state) { fold(state, report_folds()); }
BENCHMARK(BM_Report)->Arg(16)->Arg(1000)->Arg(100'000);

void BM_Merge(benchmark::State& state) {
  // A generation that only restates what is known, and one goroutine in ten moves.
  const AnalysisFolds folds = report_folds();
  TestTrace first;
  first.sync(100);
  TestTrace second;
  second.sync(1'000'000, 2);
  for (std::int64_t g = 1; g <= state.range(0); g++) {
    first.status(100 + g, g, GoState::Undetermined, GoState::Waiting);
    second.restate(1'000'000 + g, g, GoState::Waiting);
    if (g % 10 == 0) second.unblock(1'000'000 + g, -1, g);
  }
  for (auto _ : state) {
    const auto fold =
        fold_pieces(folds, std::vector<TestPiece>{{first.records(), &first.tables(), 1},
                                                  {second.records(), &second.tables(), 2}});
    benchmark::DoNotOptimize(fold.get());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Merge)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace marey::analysis
