// SPDX-License-Identifier: Apache-2.0
#include "src/table/text.h"

#include <algorithm>
#include <array>
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
#include "src/table/paragraph.h"
#include "src/table/path.h"

namespace marey::table {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastTextWidth = 20;
// Where nothing else is left to leave out.
constexpr std::size_t kVeryLeastTextWidth = 8;
constexpr std::size_t kLeastColumns = 2;
constexpr std::size_t kBarWidth = 24;

/// A bar of `width` columns, padded with blanks, that a share of it (0 to 1) is filled of; what is
/// more than nothing shows.
std::string horizontal_bar(double share, std::size_t width, bool ascii) {
  static constexpr std::array<std::string_view, 8> kParts = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const std::size_t steps_a_cell = ascii ? 1 : kParts.size();
  auto steps = static_cast<std::size_t>(share * static_cast<double>(width * steps_a_cell));
  if (share > 0) steps = std::max<std::size_t>(steps, 1);
  std::string bar;
  for (std::size_t i = 0; i < steps / steps_a_cell; i++) bar += ascii ? "#" : "█";
  if (!ascii) bar += kParts[steps % steps_a_cell];
  bar.append(width - (steps + steps_a_cell - 1) / steps_a_cell, ' ');
  return bar;
}

class Drawing {
 public:
  Drawing(std::string& out, const Table& table, const TextOptions& options)
      : out_(out), table_(table), options_(options) {
    for (const Column& column : table.columns()) {
      if (column.type != ColumnType::Text) break;
      ++subjects_;
    }
  }

  /// Returns whether columns were left out for want of room.
  bool draw() {
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
    if (!left_out_.empty()) note(left_out_);
    if (options_.help && !table_.reading().empty()) sentence(table_.reading());
    return !left_out_.empty();
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

  /// Percentages with a bar; the greatest has the longest.
  std::string bar_cell(std::size_t column, std::size_t row, std::string number) const {
    const auto values = table_.values(RealColumn{column});
    const double greatest = std::ranges::max(values);
    const std::size_t kNumber = 6;  // "99.9 %"
    number.insert(0, kNumber - std::min(kNumber, display_width(number)), ' ');
    return horizontal_bar(greatest > 0 ? values[row] / greatest : 0, kBarWidth, options_.ascii) +
           ' ' + number;
  }

  std::string cell(std::size_t column, std::size_t row) const {
    Value value = table_.value(column, row);
    auto* const path = std::get_if<std::string_view>(&value);
    if (path != nullptr && table_.columns()[column].is_path) *path = short_path(*path);
    std::string text = cell_text(table_.columns()[column].type, value,
                                 {.time_origin = options_.time_origin, .ascii = options_.ascii});
    if (table_.columns()[column].is_bar) return bar_cell(column, row, std::move(text));
    return text.empty() ? "-" : text;
  }

  void choose_columns() {
    for (std::size_t c = 0; c < table_.columns().size(); ++c) {
      if (options_.skip_blank && c >= subjects_ && table_.is_blank(c)) continue;
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
    if (line_width() > options_.width) leave_out_columns();
    break_heads();  // where columns were left out there is room again
    shrink_texts(kLeastTextWidth);
    if (line_width() > options_.width) shrink_texts(kVeryLeastTextWidth);
  }

  /// From the left, each column stays that has room beside those that stay already, and beside
  /// keys, so that a wide one does not take narrower ones with it.
  void leave_out_columns() {
    // A table of texts only has no more subjects than another.
    const std::size_t least = subjects_ < table_.columns().size()
                                  ? std::max(kLeastColumns, subjects_ + 1)
                                  : kLeastColumns;
    std::vector<Shown> all;
    all.swap(shown_);
    std::vector<std::string_view> titles;
    std::size_t reserved = 0;
    for (const Shown& shown : all) reserved += is_key(shown) ? kGap + shown.width : 0;
    for (const Shown& shown : all) {
      shown_.push_back(shown);
      if (is_key(shown)) {
        reserved -= kGap + shown.width;
        continue;
      }
      if (shown_.size() <= least || line_width() + reserved <= options_.width) continue;
      shown_.pop_back();
      titles.push_back(shown.title);
    }
    if (titles.empty()) return;
    left_out_ = fmt::format("no room for {} more {}: {}", titles.size(),
                            titles.size() == 1 ? "column" : "columns", fmt::join(titles, ", "));
  }

  bool is_key(const Shown& shown) const { return table_.columns()[shown.column].is_key; }

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
  /// Columns of text that the table begins with: what its rows are about.
  std::size_t subjects_ = 0;
  std::vector<Shown> shown_;
  std::string left_out_;
};

}  // namespace

bool draw_text(std::string& out, const Table& table, const TextOptions& options) {
  return Drawing(out, table, options).draw();
}

}  // namespace marey::table
