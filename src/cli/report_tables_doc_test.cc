// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "src/analysis/report.h"
#include "src/base/test_document.h"
#include "src/base/test_files.h"
#include "src/index/pass.h"

// docs/report-tables.md is written from the tables and charts of a report, and kept in step with
// them here.

namespace marey::cli {
namespace {

constexpr std::string_view kDocument = "docs/report-tables.md";

/// `text` within a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string type_and_unit(table::ColumnType type, std::string_view unit) {
  const std::string_view name = table::type_name(type);
  return unit.empty() || unit == name ? std::string(name) : fmt::format("{}, {}", name, unit);
}

/// The text in lines that an editor shows whole.
std::string paragraph(std::string_view text) {
  constexpr std::size_t kColumns = 100;
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > 0) {
      const bool fits = column + 1 + end <= kColumns;
      out += fits ? ' ' : '\n';
      column = fits ? column + 1 : 0;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

std::string document(const analysis::Report& report) {
  std::string text = R"(# The charts and tables of `marey report`

What the report shows, in its order, and what each column means. `name` is the key in the JSON of
`marey report --json`, "type" how its values are to be read: see [report-schema.md](report-schema.md).
In the text, columns that are zero or empty in all rows are left out.

<!-- Written from the report's tables by src/cli/report_tables_doc_test.cc:
MAREY_WRITE_DOCS=1 build/dev/src/cli_test -->

## Charts

| chart | name | type | what it shows |
|---|---|---|---|
)";
  for (const table::Chart& chart : report.findings.charts) {
    text += fmt::format("| {} | `{}` | {} | {} |\n", cell(chart.title), chart.id,
                        type_and_unit(chart.type, chart.unit), cell(chart.help));
  }
  for (const table::Table& table : report.findings.tables) {
    text += fmt::format("\n## {}\n\n{}\n", table.title(),
                        paragraph(fmt::format("`{}`. {}", table.id(), table.help())));
    text += paragraph(fmt::format("*How to read it:* {}", table.reading())) + "\n";
    text += "| column | name | type | meaning |\n|---|---|---|---|\n";
    for (const table::Column& column : table.columns()) {
      text += fmt::format("| {} | `{}` | {} | {} |\n", cell(column.title), column.name,
                          type_and_unit(column.type, column.unit), cell(column.help));
    }
  }
  return text;
}

TEST(ReportTablesDocument, IsInStep) {
  const std::string trace = base::test_file("examples/http.trace").string();
  const Result<index::PassResult> result = index::run_pass(trace, {}, analysis::report_folds());
  ASSERT_TRUE(result);
  const analysis::Report report =
      make_report(*result, static_cast<analysis::AnalysisFold*>(result->fold.get()));
  for (const table::Table& table : report.findings.tables) {
    EXPECT_FALSE(table.reading().empty())
        << table.id() << " needs a sentence in src/analysis/report_readings.cc";
  }
  const std::string text = document(report);
  base::expect_document(kDocument, text, "the tables of the report");
}

}  // namespace
}  // namespace marey::cli
