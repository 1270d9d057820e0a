// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/call_site.h"

#include <fmt/format.h>

#include "src/analysis/telling_frame.h"

namespace marey::analysis {

CallSite call_site_of(const Vocabulary& vocabulary, StackNumber stack) {
  const std::vector<Frame> frames = vocabulary.of(stack);
  const auto frame = telling_frame(
      frames, [&](const Frame& candidate) { return vocabulary.of(candidate.function); });
  if (frame == frames.end()) return {};
  const std::string_view file = vocabulary.of(frame->file);
  // Where the strings are lost, a line alone says nothing.
  return {vocabulary.of(frame->function),
          file.empty() ? std::string() : fmt::format("{}:{}", file, frame->line)};
}

CallSiteColumns::CallSiteColumns(table::Table& table)
    : function(table.add_text("function", "Function",
                              "The innermost one outside Go's standard library, else the "
                              "outermost; '-': no stack.")),
      place(table.add_path("place", "Place", "File and line.")) {}

}  // namespace marey::analysis
