// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "src/table/table.h"

namespace marey::table {

/// Appends a table as CSV (RFC 4180): lines end in CR LF, the first holds the columns' names.
/// Values are raw, in the column's unit; nothing is an empty field. Bytes that are not UTF-8
/// become U+FFFD. Without evidence.
/// `after_row`, if there is one, is called behind each row: what has gathered may go out and `out`
/// be emptied.
void write_csv(std::string& out, const Table& table, const std::function<void()>& after_row = {});

}  // namespace marey::table
