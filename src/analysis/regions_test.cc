// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/regions.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/analysis/test_findings.h"
#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using Type = wire::EventType;
using Rows = std::vector<std::string>;

AnalysisFolds region_folds(const Scope& scope) {
  return AnalysisFolds(
      [&scope](const Vocabulary&) {
        std::vector<std::unique_ptr<Analysis>> analyses;
        analyses.push_back(std::make_unique<Regions>(scope));
        return analyses;
      },
      scope);
}

Rows longest_rows(const std::vector<table::Table>& tables) {
  return rows_of(tables, "longest_regions", {"name", "duration", "parent", "depth", "cut"});
}

void begin(TestTrace& trace, Time time, std::int64_t g, std::string_view name) {
  trace.event(time, Type::UserRegionBegin, g, 0, {0, trace.string(name)});
}
void end(TestTrace& trace, Time time, std::int64_t g, std::string_view name) {
  trace.event(time, Type::UserRegionEnd, g, 0, {0, trace.string(name)});
}

/// Goroutine 1: ( handle ( query ( row ) ( row ) ) ( write ) ) with another goroutine's region
/// around the same time.
TestTrace nested() {
  TestTrace trace;
  trace.sync(0).status(1, 1, GoState::Undetermined, GoState::Running, 0);
  trace.status(2, 2, GoState::Undetermined, GoState::Running, 1);
  begin(trace, 5, 2, "other");
  begin(trace, 10, 1, "handle");
  begin(trace, 20, 1, "query");
  begin(trace, 22, 1, "row");
  end(trace, 25, 1, "row");
  begin(trace, 26, 1, "row");
  end(trace, 30, 1, "row");
  end(trace, 40, 1, "query");
  begin(trace, 50, 1, "write");
  end(trace, 60, 1, "write");
  end(trace, 70, 1, "handle");
  end(trace, 90, 2, "other");
  return trace;
}

TEST(Regions, KnowWhatIsAroundThem) {
  const Scope everything;
  AnalysisFolds folds = region_folds(everything);
  EXPECT_EQ(longest_rows(find_tables(nested(), folds)),
            Rows({"name=other duration=85 parent= depth=0 cut=",
                  "name=handle duration=60 parent= depth=0 cut=",
                  "name=query duration=20 parent=handle depth=1 cut=",
                  "name=write duration=10 parent=handle depth=1 cut=",
                  "name=row duration=4 parent=query depth=2 cut=",
                  "name=row duration=3 parent=query depth=2 cut="}));
}

/// Also where that is not a part of the answer.
TEST(Regions, KnowWhatIsAroundThemOutsideTheScope) {
  Scope begin;
  begin.set_range(0, 45);
  AnalysisFolds of_begin = region_folds(begin);
  EXPECT_EQ(longest_rows(find_tables(nested(), of_begin)),
            Rows({"name=query duration=20 parent=handle depth=1 cut=",
                  "name=row duration=4 parent=query depth=2 cut=",
                  "name=row duration=3 parent=query depth=2 cut="}));
  Scope rows;
  rows.restrict_to({{GoID{1}, 22, 25}, {GoID{1}, 26, 30}});
  AnalysisFolds of_rows = region_folds(rows);
  const std::vector<table::Table> tables = find_tables(nested(), of_rows);
  EXPECT_EQ(longest_rows(tables), Rows({"name=row duration=4 parent=query depth=2 cut=",
                                        "name=row duration=3 parent=query depth=2 cut="}));
  EXPECT_EQ(rows_of(tables, "regions", {"name", "regions"}), Rows({"name=row regions=2"}));
}

TEST(Regions, SayWhichEndIsMissing) {
  TestTrace trace;
  trace.sync(0).status(1, 1, GoState::Undetermined, GoState::Running, 0);
  trace.create(10, 1, 2, "work");
  begin(trace, 20, 1, "main");
  end(trace, 25, 1, "main");
  end(trace, 30, 1, "older");
  trace.start(40, 2, 1);
  begin(trace, 50, 2, "lost");
  begin(trace, 60, 2, "lost too");
  trace.destroy(100, 2);
  begin(trace, 120, 1, "main");
  trace.stop(160, 1);
  const Scope everything;
  AnalysisFolds folds = region_folds(everything);
  const std::vector<table::Table> tables = find_tables(trace, folds);
  EXPECT_EQ(longest_rows(tables),
            Rows({"name=lost duration=50 parent= depth=0 cut=never ended",
                  "name=lost too duration=40 parent=lost depth=1 cut=never ended",
                  "name=main duration=40 parent= depth=0 cut=open when the trace ended",
                  "name=older duration=30 parent= depth=0 cut=begun before the trace",
                  "name=main duration=5 parent=older depth=1 cut="}));
  EXPECT_EQ(rows_of(tables, "regions", {"name", "regions", "unbegun", "unended", "left_open"}),
            Rows({"name=lost regions=1 unbegun=0 unended=1 left_open=1",
                  "name=main regions=2 unbegun=0 unended=1 left_open=0",
                  "name=lost too regions=1 unbegun=0 unended=1 left_open=1",
                  "name=older regions=1 unbegun=1 unended=0 left_open=0"}));
}

}  // namespace
}  // namespace marey::analysis
