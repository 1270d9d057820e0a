// SPDX-License-Identifier: Apache-2.0
#include "src/cli/report_page.h"

#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::cli {
namespace {

index::PassResult some_events() {
  index::PassResult result;
  result.events = 1;
  result.events_by_type[order::type_number(wire::EventType::GoCreate)] = 1;
  result.last_time = 1'000'000'000;
  return result;
}

/// The greatest that a table can be: texts without end that take six times their bytes as HTML.
table::Table large_table(std::size_t number, std::size_t rows) {
  table::Table table(fmt::format("table_{}", number), "Table", "A table.");
  std::vector<table::TextColumn> columns;
  for (int c = 0; c < 12; ++c) {
    columns.push_back(table.add_text(fmt::format("column_{}", c), "Column", "A column."));
  }
  const std::string text(1'000, '"');
  const std::string stack(10'000, '<');
  for (std::size_t i = 0; i < rows; ++i) {
    table::Table::Row row = table.add_row();
    for (const table::TextColumn column : columns) row.set(column, text);
    row.goroutine(GoID{17}).range(1, 2).stack(stack);
  }
  return table;
}

std::string draw(const analysis::Findings& findings, const index::PassResult& result) {
  const std::array<Fact, 1> facts{{{"trace", "a.trace"}}};
  return report_page("a.trace", "a.trace", result, "", facts, findings);
}

TEST(ReportPage, IsBelowItsSizeWhateverTheTables) {
  for (const std::size_t tables : {1u, 3u, 20u}) {
    analysis::Findings findings;
    for (std::size_t i = 0; i < tables; ++i) findings.tables.push_back(large_table(i, 120));
    // One that is small stays whole.
    findings.tables.push_back(large_table(tables, 1));
    const std::string page = draw(findings, some_events());
    EXPECT_LT(page.size(), kMostPageBytes) << tables;
    EXPECT_GT(page.size(), kMostPageBytes / 2) << tables;
    EXPECT_TRUE(page.ends_with("</html>\n"));
    const std::size_t last = page.find(fmt::format("id=\"table_{}\"", tables));
    ASSERT_NE(std::string::npos, last);
    EXPECT_EQ(std::string::npos, page.find("left out.</p>\n<details", last));
  }
}

TEST(ReportPage, CommandsShowWhereNumbersComeFrom) {
  analysis::Findings findings;
  table::Table& table = findings.tables.emplace_back("things", "Things", "");
  const auto count = table.add_count("count", "Count", "");
  table.add_row().set(count, 1).goroutine(GoID{17});
  table.add_row().set(count, 2).goroutine(GoID{18}).range(5, 9);
  table.add_row().set(count, 3).range(7, 7);
  const std::string page = draw(findings, some_events());
  for (const std::string_view command :
       {"marey goroutine 17 a.trace", "marey goroutine 18 --from 5 --to 10 a.trace",
        "marey events --from 7 --to 8 a.trace"}) {
    EXPECT_NE(std::string::npos, page.find(fmt::format("<code>{}</code>", command))) << command;
  }
}

TEST(ReportPage, ATraceWithoutEventsHasNoTables) {
  analysis::Findings findings;
  findings.tables.push_back(large_table(0, 1));
  const std::string page = draw(findings, {});
  EXPECT_EQ(std::string::npos, page.find("<table"));
  EXPECT_NE(std::string::npos, page.find("The trace has no events but Sync events"));
}

}  // namespace
}  // namespace marey::cli
