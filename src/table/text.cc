// SPDX-License-Identifier: Apache-2.0
#include "src/table/text.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/base/format.h"
#include "src/base/quote.h"
#include "src/table/ansi.h"
#include "src/table/cell.h"
#include "src/table/display_width.h"

namespace marey::table {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastTextWidth = 20;
// Where nothing else is left to leave out.
constexpr std::size_t kVeryLeastTextWidth = 8;
constexpr std::size_t kLeastColumns = 2;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// Breaks a text between words into lines of at most `width`, where its words allow that.
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

class Drawing {
 public:
  Drawing(std::string& out, const Table& table, const TextOptions& options)
      : out_(out), table_(table), options_(options) {}

  void draw() {
    styled(kBold, escaped(table_.title()));
    out_.push_back('\n');
    if (options_.help) sentence(table_.help());
    choose_columns();
    if (table_.row_count() == 0 || shown_.empty()) {
      styled(kDim, "(no rows)");
      out_.push_back('\n');
    } else {
      measure();
      draw_heads();
      // Cells are formatted a second time here; holding them all would take far more memory than
      // the table itself.
      for (std::size_t row = 0; row < table_.row_count(); ++row) draw_row(row);
    }
    if (table_.omitted_rows() > 0) {
      const auto omitted = static_cast<std::int64_t>(table_.omitted_rows());
      note(fmt::format("{} more {}", base::format_count(omitted), omitted == 1 ? "row" : "rows"));
    }
    if (!left_out_.empty()) note("too narrow for: " + left_out_);
  }

 private:
  struct Shown {
    std::size_t column;
    std::string title;
    std::size_t cells;  ///< width of the widest cell
    std::size_t width;  ///< to draw it in
    bool text;
  };

  void note(std::string_view text) {
    sentence(fmt::format("{} {}", options_.ascii ? "..." : "…", text));
  }
  void sentence(std::string_view text) {
    const std::size_t width =
        options_.width == 0 ? std::numeric_limits<std::size_t>::max() : options_.width;
    for (const std::string& line : break_lines(escaped(text), width)) {
      styled(kDim, line);
      out_.push_back('\n');
    }
  }

  static std::string escaped(std::string_view text) {
    std::string out;
    base::append_escaped(out, text);
    return out;
  }

  void styled(std::string_view style, std::string_view text) {
    append_styled(out_, options_.color, style, text);
  }

  std::string cell(std::size_t column, std::size_t row) const {
    std::string text = cell_text(table_.columns()[column].type, table_.value(column, row),
                                 {.time_origin = options_.time_origin, .ascii = options_.ascii});
    return text.empty() ? "-" : text;
  }

  bool blank(std::size_t column) const {
    for (std::size_t row = 0; row < table_.row_count(); ++row) {
      const Value value = table_.value(column, row);
      const auto* const integer = std::get_if<std::int64_t>(&value);
      const auto* const real = std::get_if<double>(&value);
      const auto* const text = std::get_if<std::string_view>(&value);
      if ((integer != nullptr && *integer != 0) || (real != nullptr && *real != 0) ||
          (text != nullptr && !text->empty())) {
        return false;
      }
    }
    return true;
  }

  void choose_columns() {
    for (std::size_t c = 0; c < table_.columns().size(); ++c) {
      if (options_.skip_blank && blank(c)) continue;
      const Column& column = table_.columns()[c];
      shown_.push_back({c, escaped(column.title), 0, 0, column.type == ColumnType::Text});
    }
  }

  void measure() {
    for (Shown& shown : shown_) {
      for (std::size_t row = 0; row < table_.row_count(); ++row) {
        shown.cells = std::max(shown.cells, display_width(cell(shown.column, row)));
      }
      shown.width = std::max(shown.cells, display_width(shown.title));
    }
    if (options_.width == 0 || line_width() <= options_.width) return;
    break_heads();
    shrink_texts(kLeastTextWidth);
    while (line_width() > options_.width && shown_.size() > kLeastColumns) {
      left_out_ = shown_.back().title + (left_out_.empty() ? "" : ", ") + left_out_;
      shown_.pop_back();
    }
    break_heads();  // where columns were left out there is room again
    shrink_texts(kLeastTextWidth);
    if (line_width() > options_.width) shrink_texts(kVeryLeastTextWidth);
  }

  std::size_t line_width() const {
    std::size_t width = kGap * (shown_.size() - 1);
    for (const Shown& shown : shown_) width += shown.width;
    return width;
  }

  void break_heads() {
    for (Shown& shown : shown_) {
      shown.width = shown.cells;
      for (const std::string_view word : words_of(shown.title)) {
        shown.width = std::max(shown.width, display_width(word));
      }
    }
  }

  /// Finds the greatest width, from `least` on, that all columns of text can be cut to so that a
  /// line fits.
  void shrink_texts(std::size_t least) {
    std::size_t numbers = kGap * (shown_.size() - 1);
    std::size_t high = least;
    for (const Shown& shown : shown_) {
      if (shown.text) {
        high = std::max(high, shown.width);
      } else {
        numbers += shown.width;
      }
    }
    const auto fits = [&](std::size_t level) {
      std::size_t width = numbers;
      for (const Shown& shown : shown_) {
        if (shown.text) width += std::min(shown.width, level);
      }
      return width <= options_.width;
    };
    std::size_t low = least;
    while (low < high) {
      const std::size_t middle = low + (high - low + 1) / 2;
      if (fits(middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    for (Shown& shown : shown_) {
      if (shown.text) shown.width = std::min(shown.width, low);
    }
  }

  void draw_heads() {
    std::vector<std::vector<std::string>> heads;
    std::size_t height = 0;
    for (const Shown& shown : shown_) {
      heads.push_back(break_lines(shown.title, shown.width));
      height = std::max(height, heads.back().size());
    }
    for (std::size_t i = 0; i < height; ++i) {
      std::string line;
      for (std::size_t c = 0; c < shown_.size(); ++c) {
        // The last lines stand next to the cells.
        const std::size_t above = height - heads[c].size();
        append_cell(line, c, i < above ? std::string() : heads[c][i - above]);
      }
      trim(line);
      styled(kDim, line);
      out_.push_back('\n');
    }
  }

  void draw_row(std::size_t row) {
    const std::size_t begin = out_.size();
    for (std::size_t c = 0; c < shown_.size(); ++c)
      append_cell(out_, c, cell(shown_[c].column, row));
    trim(out_, begin);
    out_.push_back('\n');
  }

  void append_cell(std::string& line, std::size_t place, const std::string& content) const {
    if (place > 0) line.append(kGap, ' ');
    const auto& [column, title, cells, width, text] = shown_[place];
    const std::string drawn =
        text ? shorten(content, width, options_.ascii ? "..." : "…",
                       table_.columns()[column].is_path ? Cut::Begin : Cut::Middle)
             : content;
    const std::size_t drawn_width = display_width(drawn);
    const std::size_t padding = width > drawn_width ? width - drawn_width : 0;
    if (!text) line.append(padding, ' ');
    line.append(drawn);
    if (text) line.append(padding, ' ');
  }

  static void trim(std::string& line, std::size_t begin = 0) {
    while (line.size() > begin && line.back() == ' ') line.pop_back();
  }

  std::string& out_;
  const Table& table_;
  const TextOptions& options_;
  std::vector<Shown> shown_;
  std::string left_out_;
};

}  // namespace

void draw_text(std::string& out, const Table& table, const TextOptions& options) {
  Drawing(out, table, options).draw();
}

}  // namespace marey::table
