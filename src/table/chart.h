// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "marey/ids.h"

#include "src/base/json_writer.h"
#include "src/table/table.h"

namespace marey::table {

/// A number over time: goroutines, threads in use, heap, ... Its values stand for equal parts of
/// the time from `begin` to `end`; NaN is nothing known.
struct Chart {
  std::string id;     ///< for machines, snake_case
  std::string title;  ///< for people
  std::string help;
  ColumnType type;  ///< what the values are, for their labels: Count, Bytes, Percent, ...
  std::string unit;
  Time begin;
  Time end;
  std::vector<double> values;
};

/// The greatest value of each of `parts` equal parts; NaN where nothing is known.
std::vector<double> resample(std::span<const double> values, std::size_t parts);

struct ChartOptions {
  bool color = false;
  bool ascii = false;      ///< characters of ASCII in place of blocks
  std::size_t width = 80;  ///< columns in all, labels included
  std::size_t height = 1;  ///< lines of the picture, without the title and the axis
  Time time_origin = 0;    ///< what the labels of the axis count from
};

/// Appends a chart for people: title, picture with the greatest value beside it, and the axis of
/// time. Where several values share a column of the terminal, the greatest is drawn, and whatever
/// is more than nothing gets a mark at least, so that short peaks do not vanish. Values below zero
/// are drawn as zero.
void draw_chart(std::string& out, const Chart& chart, const ChartOptions& options);

/// Writes a chart as one JSON object, keys in this order; NaN is null:
///
///     {"id":"...","title":"...","help":"...","type":"count","unit":"...",
///      "begin":NS,"end":NS,"values":[...]}
void write_json(base::JsonWriter& json, const Chart& chart);

}  // namespace marey::table
