// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/mutator_utilization.h"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

Findings findings_of(const TestTrace& trace, const MutatorOptions& options, Scope scope = {}) {
  const AnalysisFolds folds(
      [&](const Vocabulary& vocabulary) {
        std::vector<std::unique_ptr<Analysis>> analyses;
        analyses.push_back(std::make_unique<MutatorUtilization>(vocabulary, options));
        return analyses;
      },
      std::move(scope));
  const std::vector<TestPiece> whole{{trace.records(), &trace.tables(), 1}};
  index::PassResult facts;
  facts.first_time = trace.records().front().time;
  facts.last_time = facts.known_until = trace.records().back().time;
  return fold_pieces(folds, whole)->finish(facts);
}

/// The MMU by the size of the window.
std::map<Duration, double> mmu_in(const Findings& findings) {
  std::map<Duration, double> mmu;
  for (const table::Table& table : findings.tables) {
    if (table.id() != "mutator_utilization_distribution") continue;
    for (std::size_t row = 0; row < table.row_count(); row++) {
      mmu[std::get<std::int64_t>(table.value(0, row))] = std::get<double>(table.value(1, row));
    }
  }
  return mmu;
}

/// 4 procs from 1,000 to 11,000; a pause of 200 ns; a worker for 3,000 ns; an assist for 100 ns and
/// a sweep for 400 ns on other procs.
TestTrace some_trace() {
  using Type = wire::EventType;
  TestTrace trace;
  trace.sync(0).status(1, 1, GoState::Undetermined, GoState::Running, 0);
  trace.event(1'000, Type::ProcsChange, 1, 0, {4});
  trace.stop_the_world(2'000, 1, "GC sweep termination")
      .start_the_world(2'200, 1, "GC sweep termination")
      .stop_the_world(2'300, 1, "read mem stats")
      .start_the_world(2'900, 1, "read mem stats")
      .start(3'900, 9, 3)
      .label(4'000, 9, 3, "GC (dedicated)")
      .start(4'100, 2, 1)
      .assist(5'000, 2, 1)
      .assist_end(5'100, 2, 1)
      .event(6'000, Type::GCSweepBegin, 1, 0)
      .event(6'400, Type::GCSweepEnd, 1, 0, {10, 5});
  trace.event(7'000, Type::GoStop, 9, 3, {0, 0});
  trace.event(11'000, Type::HeapAlloc, 1, 0, {7});
  return trace;
}

TEST(MutatorUtilization, CountsWhatItIsToldTo) {
  const TestTrace trace = some_trace();
  MutatorOptions options;
  options.windows = {100, 1'000, 10'000};
  EXPECT_EQ(mmu_in(findings_of(trace, options)),
            (std::map<Duration, double>{{100, 0}, {1'000, 72.5}, {10'000, 90.25}}));
  options.sweep = true;
  EXPECT_EQ(mmu_in(findings_of(trace, options)),
            (std::map<Duration, double>{{100, 0}, {1'000, 65}, {10'000, 89.25}}));
  options.stw = false;
  options.background = false;
  EXPECT_EQ(mmu_in(findings_of(trace, options)),
            (std::map<Duration, double>{{100, 75}, {1'000, 90}, {10'000, 98.75}}));
}

TEST(MutatorUtilization, OfProcsOneByOne) {
  MutatorOptions options;
  options.windows = {100, 1'000, 10'000};
  options.per_proc = true;
  // The dedicated worker does not count; proc 1 has the pause and the assist.
  const Findings findings = findings_of(some_trace(), options);
  EXPECT_EQ(mmu_in(findings), (std::map<Duration, double>{{100, 0}, {1'000, 80}, {10'000, 97}}));
}

TEST(MutatorUtilization, RowsLeadToTheirPlace) {
  MutatorOptions options;
  options.windows = {200};
  const Findings findings = findings_of(some_trace(), options);
  const table::Table& worst = findings.tables.at(1);
  ASSERT_EQ(worst.id(), "worst_windows");
  ASSERT_EQ(worst.row_count(), 10u);
  const table::Evidence evidence = worst.evidence(0);
  ASSERT_TRUE(evidence.range);
  EXPECT_EQ(evidence.range->begin, 2'000);
  EXPECT_EQ(evidence.range->end, 2'200);
  EXPECT_EQ(std::get<double>(worst.value(2, 0)), 0);
}

TEST(MutatorUtilization, HasPercentiles) {
  MutatorOptions options;
  options.windows = {1};
  const Findings findings = findings_of(some_trace(), options);
  const table::Table& table = findings.tables.at(2);
  const auto percentile = [&](std::size_t column) {
    return std::get<double>(table.value(column, 0));
  };
  EXPECT_EQ(percentile(1), 0);    // MMU
  EXPECT_EQ(percentile(2), 0);    // p99.9: 2 % of the time is the pause
  EXPECT_EQ(percentile(3), 0);    // p99
  EXPECT_EQ(percentile(4), 75);   // p95
  EXPECT_EQ(percentile(5), 100);  // p50
}

TEST(MutatorUtilization, OfAPartOfTheTrace) {
  Scope scope;
  scope.set_range(4'500, 6'500);
  MutatorOptions options;
  options.windows = {2'000};
  const TestTrace trace = some_trace();
  EXPECT_EQ(mmu_in(findings_of(trace, options, scope)),
            (std::map<Duration, double>{{2'000, 73.75}}));
  // Before it is known how many procs there are.
  scope.set_range(0, 900);
  EXPECT_TRUE(mmu_in(findings_of(trace, options, scope)).empty());
}

TEST(MutatorUtilization, WithoutGomaxprocsIsEmpty) {
  TestTrace trace;
  trace.sync(0).status(1, 1, GoState::Undetermined, GoState::Running, 0).stop(1'000, 1);
  for (const bool per_proc : {false, true}) {
    MutatorOptions options;
    options.per_proc = per_proc;
    const Findings findings = findings_of(trace, options);
    ASSERT_EQ(findings.tables.size(), 3u);
    for (const table::Table& table : findings.tables) EXPECT_EQ(table.row_count(), 0u);
  }
}

TEST(MutatorLosses, ProcsComeAndGo) {
  MutatorLosses losses;
  losses.add(2, 150, 160);  // the first proc 2
  losses.add(2, 350, 370);  // the second one
  losses.add_stop(120, 130);
  const std::vector<ProcCount> counts{{100, 2}, {110, 4}, {200, 1}, {300, 3}};
  losses.finish(0, 400, counts);
  std::map<std::pair<std::int64_t, Time>, std::pair<std::int64_t, Duration>> found;
  std::map<std::pair<std::int64_t, Time>, double> utilization;
  losses.for_each_proc([&](const UtilizationCurve& curve, std::int64_t proc, std::int64_t procs) {
    found[{proc, curve.begin()}] = {procs, curve.length()};
    utilization[{proc, curve.begin()}] = curve.minimum(curve.length()).utilization;
  });
  EXPECT_EQ(found, (decltype(found){{{0, 100}, {1, 300}},
                                    {{1, 100}, {1, 100}},
                                    {{2, 110}, {1, 90}},
                                    {{3, 110}, {1, 90}},
                                    {{1, 300}, {1, 100}},
                                    {{2, 300}, {1, 100}}}));
  EXPECT_DOUBLE_EQ((utilization[{2, 110}]), 1 - 20.0 / 90);
  EXPECT_DOUBLE_EQ((utilization[{3, 110}]), 1 - 10.0 / 90);
  EXPECT_DOUBLE_EQ((utilization[{2, 300}]), 0.8);
  // Of the 850 ns of all procs, 40 + 10 + 20 are lost.
  const UtilizationCurve system = losses.of_system();
  EXPECT_EQ(system.begin(), 100);
  EXPECT_EQ(system.length(), 300);
}

}  // namespace
}  // namespace marey::analysis
