// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "marey/ids.h"

#include "src/table/chart.h"
#include "src/table/table.h"

namespace marey::table {

/// Appends text that holds anything, as a browser is to show it: what HTML has a meaning for as
/// entities, bytes that are not UTF-8 as U+FFFD, and what is not printable (also what turns the
/// direction of text around) escaped as in Go. Good for attributes between double quotes, too.
void append_html(std::string& out, std::string_view text);

/// The same of a sentence of ours: a command between single quotes, and what stands between
/// backquotes, becomes <code>.
void append_html_sentence(std::string& out, std::string_view sentence);

struct HtmlOptions {
  Time time_origin = 0;    ///< what times count from: the start of the trace
  std::size_t shown = 15;  ///< rows of a table that are seen at first
  std::size_t most = 500;  ///< rows of a table
  /// That a table may take, which leaves out rows for it; what describes it has room in any case.
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
  /// The command that shows where the numbers of a row come from; "": there is none.
  std::function<std::string(const Evidence&)> command = nullptr;
};

/// Appends a table as a <section> that has its id, with everything that `text` shows of it. The
/// <td> of a number that is drawn rounded has the exact value, and its unit, as title. Columns that
/// say nothing are left out (Table::is_blank()), as in text. Rows beyond `shown` wait for a click;
/// those beyond `most` and `bytes` are only counted.
void draw_html(std::string& out, const Table& table, const HtmlOptions& options);

/// Appends a chart as a <figure> that has its id: an area below a line of steps, with axes, least
/// and greatest value. Of more than 480 values, it draws the greatest of some. Values that are not
/// known leave a gap.
void draw_html(std::string& out, const Chart& chart, const HtmlOptions& options);

}  // namespace marey::table
