// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/quantile_columns.h"

#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <vector>

#include "src/analysis/test_findings.h"

namespace marey::analysis {
namespace {

using Rows = std::vector<std::string>;

Rows steps_of(std::initializer_list<Duration> values) {
  Histogram histogram;
  for (const Duration value : values) histogram.add(value);
  const std::vector<table::Table> tables{
      histogram_table("histogram", "Title", "Help.", "values", histogram)};
  return rows_of(tables, "histogram", {"from", "to", "count"});
}

TEST(HistogramColumns, GoInStepsFromTheLeastToTheGreatest) {
  EXPECT_EQ(steps_of({60, 210}),
            Rows({"from=50 to=100 count=1", "from=100 to=200 count=0", "from=200 to=500 count=1"}));
  EXPECT_EQ(steps_of({}), Rows());
}

TEST(HistogramColumns, PutTogetherWhatNoClockTells) {
  EXPECT_EQ(steps_of({0, 1, 2, 5, 9, 10, 19, 20}),
            Rows({"from=0 to=10 count=5", "from=10 to=20 count=2", "from=20 to=50 count=1"}));
  EXPECT_EQ(steps_of({3}), Rows({"from=0 to=10 count=1"}));
}

}  // namespace
}  // namespace marey::analysis
