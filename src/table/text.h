// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "marey/ids.h"

#include "src/table/table.h"

namespace marey::table {

struct TextOptions {
  bool color = false;  ///< ANSI escapes: titles bold, heads and what is missing dim
  bool ascii = false;  ///< nothing beyond ASCII of our own (text cells keep theirs)
  bool help = false;   ///< the table's help under its title, how to read it under its rows
  /// Leave out columns that say nothing (Table::is_blank()), but for those of text that the table
  /// begins with, which say what a row is about.
  bool skip_blank = false;
  std::size_t width = 0;  ///< columns of the terminal; 0: as wide as it gets
  Time time_origin = 0;   ///< what Time columns count from: the start of the trace
};

/// Appends a table for people: title, heads, rows; numbers on the right, text on the left.
///
/// Where the width demands it, heads are broken into lines, then text is shortened in the middle,
/// to 20 columns at least, then columns are left out that have no room beside those on their left,
/// which a line below the table says. The first two columns always stay, and so do keys, and all of
/// text that the table begins with and the one behind them; in the end their text is shortened to 8
/// columns, and numbers are never cut, so that a line can still be wider than `width`. Empty text
/// shows as
/// "-". Returns whether columns were left out for want of room.
bool draw_text(std::string& out, const Table& table, const TextOptions& options);

}  // namespace marey::table
