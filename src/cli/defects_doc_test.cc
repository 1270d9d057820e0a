// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "marey/health.h"

#include "src/base/test_document.h"

// docs/defects.md is written from the table of defects, and kept in step with it here.

namespace marey::cli {
namespace {

std::string document() {
  std::string text = R"(# The defects of a trace

What Marey can find wrong with a trace, by the `id` that stands behind the sentence in the text of
`marey report`, `marey info` and on standard error, and in `health.defects` of
[`marey info --json`](commands.md#marey-info). An id does not change from version to version.

Severities: `note`: nothing is lost; `misuse`: the traced program uses the tracing API wrongly;
`damage`: something is lost or had to be guessed. See [Damaged traces](commands.md#damaged-traces).

<!-- Written from the table in include/marey/health.h by src/cli/defects_doc_test.cc:
MAREY_WRITE_DOCS=1 build/dev/src/cli_test -->

| id | severity | what it means, and what was done |
|---|---|---|
)";
  for (const DefectSpec& spec : kDefectSpecs) {
    text += fmt::format("| `{}` | {} | {} |\n", spec.id, name_of(spec.severity), spec.sentence);
  }
  return text;
}

TEST(DefectsDocument, IsInStep) {
  base::expect_document("docs/defects.md", document(), "the defects of include/marey/health.h");
}

}  // namespace
}  // namespace marey::cli
