// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "src/base/json_writer.h"
#include "src/table/table.h"

namespace marey::table {

/// Writes a table as one JSON object. Values are raw, in the column's unit; nothing is null.
///
///     {"id":"...","title":"...","help":"...","reading":"...",
///      "columns":[{"name":"...","title":"...","type":"duration","unit":"ns","help":"..."}],
///      "rows":[{"NAME":VALUE,...,"evidence":{"begin":NS,"end":NS,"goroutine":N,"stack":"..."}}],
///      "omitted_rows":N}
///
/// Keys come in this order, a row's in the order of the columns. "reading" is there only if the
/// table has one; "evidence" and each of its keys only if the row has it ("begin" and "end"
/// together). "omitted_rows" is how many more rows the whole table has.
///
/// `after_row`, if there is one, is called behind each row, so that what has gathered can go out: a
/// table of a million rows is hundreds of megabytes of JSON.
void write_json(base::JsonWriter& json, const Table& table,
                const std::function<void()>& after_row = {});

}  // namespace marey::table
