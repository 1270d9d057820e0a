// SPDX-License-Identifier: Apache-2.0
#include "src/table/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "src/base/format.h"
#include "src/base/quote.h"
#include "src/table/ansi.h"
#include "src/table/cell.h"
#include "src/table/display_width.h"

namespace marey::table {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastTextWidth = 8;

class Drawing {
 public:
  Drawing(std::string& out, const Table& table, const TextOptions& options)
      : out_(out), table_(table), options_(options), widths_(table.columns().size()) {}

  void draw() {
    styled(kBold, escaped(table_.title()));
    out_.push_back('\n');
    if (options_.help && !table_.help().empty()) {
      styled(kDim, escaped(table_.help()));
      out_.push_back('\n');
    }
    if (table_.row_count() == 0 || widths_.empty()) {
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
      styled(kDim, fmt::format("{} {} more {}", options_.ascii ? "..." : "…",
                               base::format_count(omitted), omitted == 1 ? "row" : "rows"));
      out_.push_back('\n');
    }
  }

 private:
  static std::string escaped(std::string_view text) {
    std::string out;
    base::append_escaped(out, text);
    return out;
  }

  void styled(std::string_view style, std::string_view text) {
    append_styled(out_, options_.color, style, text);
  }

  bool is_text(std::size_t column) const {
    return table_.columns()[column].type == ColumnType::Text;
  }

  std::string cell(std::size_t column, std::size_t row) const {
    return cell_text(table_.columns()[column].type, table_.value(column, row),
                     {.time_origin = options_.time_origin, .ascii = options_.ascii});
  }

  void measure() {
    for (std::size_t c = 0; c < widths_.size(); ++c) {
      widths_[c] = display_width(escaped(table_.columns()[c].title));
      for (std::size_t row = 0; row < table_.row_count(); ++row) {
        widths_[c] = std::max(widths_[c], display_width(cell(c, row)));
      }
    }
    if (options_.width > 0) shrink_to(options_.width);
  }

  static std::size_t line_width(std::span<const std::size_t> widths) {
    return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  }

  /// Finds the greatest width that all columns of text can be cut to so that a line fits.
  void shrink_to(std::size_t width) {
    const auto at_level = [this](std::size_t level) {
      std::vector<std::size_t> widths = widths_;
      for (std::size_t c = 0; c < widths.size(); ++c) {
        if (is_text(c)) widths[c] = std::min(widths[c], level);
      }
      return widths;
    };
    std::size_t low = kLeastTextWidth;
    std::size_t high = std::max(low, *std::ranges::max_element(widths_));
    while (low < high) {
      const std::size_t middle = low + (high - low + 1) / 2;
      if (line_width(at_level(middle)) <= width) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    widths_ = at_level(low);
  }

  void draw_heads() {
    std::string line;
    for (std::size_t c = 0; c < widths_.size(); ++c) {
      append_cell(line, c, escaped(table_.columns()[c].title));
    }
    trim(line);
    styled(kDim, line);
    out_.push_back('\n');
  }

  void draw_row(std::size_t row) {
    const std::size_t begin = out_.size();
    for (std::size_t c = 0; c < widths_.size(); ++c) append_cell(out_, c, cell(c, row));
    trim(out_, begin);
    out_.push_back('\n');
  }

  void append_cell(std::string& line, std::size_t column, const std::string& text) const {
    if (column > 0) line.append(kGap, ' ');
    const std::size_t width = widths_[column];
    const std::string shown =
        is_text(column) ? shorten_middle(text, width, options_.ascii ? "..." : "…") : text;
    const std::size_t shown_width = display_width(shown);
    const std::size_t padding = width > shown_width ? width - shown_width : 0;
    if (!is_text(column)) line.append(padding, ' ');
    line.append(shown);
    if (is_text(column)) line.append(padding, ' ');
  }

  static void trim(std::string& line, std::size_t begin = 0) {
    while (line.size() > begin && line.back() == ' ') line.pop_back();
  }

  std::string& out_;
  const Table& table_;
  const TextOptions& options_;
  std::vector<std::size_t> widths_;
};

}  // namespace

void draw_text(std::string& out, const Table& table, const TextOptions& options) {
  Drawing(out, table, options).draw();
}

}  // namespace marey::table
