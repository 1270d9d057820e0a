// SPDX-License-Identifier: Apache-2.0
#include "src/table/chart.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string_view>

#include "src/base/quote.h"
#include "src/table/ansi.h"
#include "src/table/cell.h"
#include "src/table/display_width.h"

namespace marey::table {
namespace {

/// What fills a character cell from the bottom up, emptiest first.
constexpr std::array<std::string_view, 9> kBlocks = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 4> kAscii = {" ", ".", ":", "#"};

constexpr std::size_t kLeastPicture = 10;  // columns

/// How many of `steps` steps `value` reaches; at least one if it is more than nothing.
std::size_t steps_of(double value, double greatest, std::size_t steps) {
  if (!(value > 0)) return 0;
  const double share = std::isfinite(greatest) ? value / greatest : std::isinf(value) ? 1 : 0;
  const auto reached = static_cast<std::size_t>(std::lround(share * static_cast<double>(steps)));
  return std::clamp(reached, std::size_t{1}, steps);
}

void append_padded(std::string& out, std::string_view text, std::size_t width) {
  out.append(width - std::min(width, display_width(text)), ' ');
  out.append(text);
}

}  // namespace

std::vector<double> resample(std::span<const double> values, std::size_t parts) {
  std::vector<double> result(parts, kNoReal);
  for (std::size_t p = 0; p < parts && !values.empty(); ++p) {
    const std::size_t begin = p * values.size() / parts;
    const std::size_t end = std::max(begin + 1, (p + 1) * values.size() / parts);
    for (std::size_t i = begin; i < end; ++i) result[p] = std::fmax(result[p], values[i]);
  }
  return result;
}

void draw_chart(std::string& out, const Chart& chart, const ChartOptions& options) {
  std::string title;
  base::append_escaped(title, chart.title);
  append_styled(out, options.color, kBold, title);
  out.push_back('\n');

  const CellStyle style{.time_origin = options.time_origin, .ascii = options.ascii};
  double greatest = 0;
  for (const double value : chart.values) greatest = std::fmax(greatest, value);
  const std::string top = number_text(chart.type, greatest, style);
  const std::string bottom = number_text(chart.type, 0, style);
  const std::size_t height = std::max(options.height, std::size_t{1});
  const std::size_t label_width =
      height > 1 ? std::max(display_width(top), display_width(bottom)) : display_width(top);
  const std::size_t width =
      std::max(options.width, label_width + 1 + kLeastPicture) - label_width - 1;

  const std::span<const std::string_view> cells =
      options.ascii ? std::span<const std::string_view>(kAscii) : kBlocks;
  const std::size_t steps_a_cell = cells.size() - 1;
  const std::vector<double> columns = resample(chart.values, width);
  for (std::size_t line = height; line-- > 0;) {
    std::string label;
    append_padded(label, line + 1 == height ? top : line == 0 ? bottom : "", label_width);
    append_styled(out, options.color, kDim, label);
    std::string picture = " ";
    for (const double value : columns) {
      const std::size_t steps = steps_of(value, greatest, height * steps_a_cell);
      const std::size_t below = line * steps_a_cell;
      picture += cells[steps <= below ? 0 : std::min(steps - below, steps_a_cell)];
    }
    picture.resize(picture.find_last_not_of(' ') + 1);
    append_styled(out, options.color, kCyan, picture);
    out.push_back('\n');
  }

  const std::string begin = cell_text(ColumnType::Time, Value(chart.begin), style);
  const std::string end = cell_text(ColumnType::Time, Value(chart.end), style);
  std::string axis(label_width + 1, ' ');
  axis += begin;
  if (begin.size() + 1 + end.size() <= width) append_padded(axis, end, width - begin.size());
  append_styled(out, options.color, kDim, axis);
  out.push_back('\n');
}

void write_json(base::JsonWriter& json, const Chart& chart) {
  json.begin_object();
  json.field("id", chart.id).field("title", chart.title).field("help", chart.help);
  json.field("type", type_name(chart.type)).field("unit", chart.unit);
  json.field("begin", chart.begin).field("end", chart.end);
  json.key("values").begin_array();
  for (const double value : chart.values) json.value(value);
  json.end_array();
  json.end_object();
}

}  // namespace marey::table
