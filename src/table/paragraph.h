// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace marey::table {

/// The words between the blanks of `text`; views into it.
std::vector<std::string_view> words_of(std::string_view text);

/// Breaks a text between words into lines of at most `width` columns, where its words allow that.
std::vector<std::string> break_lines(std::string_view text, std::size_t width);

/// Where a paragraph stands, in columns.
struct ParagraphPlace {
  std::size_t at = 0;      ///< where its first line goes on; filled up to `indent`
  std::size_t indent = 0;  ///< where its other lines begin
  std::size_t width = 0;   ///< where all of them end; 0: nowhere, it is one line
};

/// Appends a paragraph and the end of its last line. `color`: as for append_styled(); {}: none.
void append_paragraph(std::string& out, std::string_view text, const ParagraphPlace& place,
                      std::string_view color = {});

}  // namespace marey::table
