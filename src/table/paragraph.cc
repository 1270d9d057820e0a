// SPDX-License-Identifier: Apache-2.0
#include "src/table/paragraph.h"

#include <algorithm>

#include "src/table/display_width.h"

namespace marey::table {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::vector<std::string> break_lines(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string_view word : words_of(text)) {
    if (!lines.empty() && display_width(lines.back()) + 1 + display_width(word) <= width) {
      lines.back().append(" ").append(word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

}  // namespace marey::table
