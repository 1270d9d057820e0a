// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "marey/ids.h"

#include "src/table/table.h"

namespace marey::table {

struct TextOptions {
  bool color = false;     ///< ANSI escapes: titles bold, heads and what is missing dim
  bool ascii = false;     ///< nothing beyond ASCII of our own (text cells keep theirs)
  bool help = false;      ///< the table's help under its title
  std::size_t width = 0;  ///< columns of the terminal; 0: as wide as it gets
  Time time_origin = 0;   ///< what Time columns count from: the start of the trace
};

/// Appends a table for people: title, heads, rows; numbers on the right, text on the left and
/// shortened in the middle where the width demands it. A line can still be wider than `width`:
/// numbers are never cut, nor is text to less than eight columns.
void draw_text(std::string& out, const Table& table, const TextOptions& options);

}  // namespace marey::table
