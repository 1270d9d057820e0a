// SPDX-License-Identifier: Apache-2.0
#include "src/table/paragraph.h"

#include <algorithm>

#include "src/table/ansi.h"
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

void append_paragraph(std::string& out, std::string_view text, const ParagraphPlace& place,
                      std::string_view color) {
  const std::size_t at = place.at;
  const std::size_t indent = place.indent;
  const std::size_t width = place.width;
  out.append(at < indent ? indent - at : 0, ' ');
  // What stands on the first line already, behind the indent, is part of its first word.
  const std::size_t taken = at > indent ? at - indent : 0;
  std::vector<std::string> lines = {std::string(text)};
  if (width != 0) {
    lines = break_lines(std::string(taken, '.').append(text), width - std::min(indent, width));
    if (!lines.empty()) lines.front().erase(0, taken);
  }
  for (std::size_t i = 0; i < lines.size(); i++) {
    if (i > 0) out.append("\n").append(indent, ' ');
    append_styled(out, !color.empty(), color, lines[i]);
  }
  out += '\n';
}

}  // namespace marey::table
