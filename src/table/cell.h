// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "marey/ids.h"

#include "src/table/table.h"

namespace marey::table {

struct CellStyle {
  Time time_origin = 0;  ///< what times count from
  bool ascii = false;    ///< "us" for "µs"
};

/// A value for people: durations and sizes with units, counts with separators, times as seconds
/// since the origin ("1.234567s"), text with control bytes and bytes that are not UTF-8 escaped.
/// "-" for nothing.
std::string cell_text(ColumnType type, const Value& value, const CellStyle& style);

/// The same for a number of a chart's axis.
std::string number_text(ColumnType type, double value, const CellStyle& style);

}  // namespace marey::table
