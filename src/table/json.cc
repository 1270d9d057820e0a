// SPDX-License-Identifier: Apache-2.0
#include "src/table/json.h"

#include <type_traits>
#include <variant>

namespace marey::table {
namespace {

void write_evidence(base::JsonWriter& json, const Evidence& evidence) {
  json.key("evidence").begin_object();
  if (evidence.range) {
    json.field("begin", evidence.range->begin).field("end", evidence.range->end);
  }
  if (evidence.goroutine != kNoGoroutine) json.field("goroutine", raw(evidence.goroutine));
  if (!evidence.stack.empty()) json.field("stack", evidence.stack);
  if (!evidence.end_stack.empty()) json.field("end_stack", evidence.end_stack);
  json.end_object();
}

void write_row(base::JsonWriter& json, const Table& table, std::size_t row) {
  json.begin_object();
  for (std::size_t c = 0; c < table.columns().size(); ++c) {
    json.key(table.columns()[c].name);
    std::visit(
        [&json](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
            json.null();
          } else {
            json.value(value);
          }
        },
        table.value(c, row));
  }
  if (const Evidence evidence = table.evidence(row); !evidence.empty()) {
    write_evidence(json, evidence);
  }
  json.end_object();
}

}  // namespace

void write_json(base::JsonWriter& json, const Table& table,
                const std::function<void()>& after_row) {
  json.begin_object();
  json.field("id", table.id()).field("title", table.title()).field("help", table.help());
  if (!table.reading().empty()) json.field("reading", table.reading());
  json.key("columns").begin_array();
  for (const Column& column : table.columns()) {
    json.begin_object();
    json.field("name", column.name).field("title", column.title);
    json.field("type", type_name(column.type)).field("unit", column.unit);
    json.field("help", column.help);
    json.end_object();
  }
  json.end_array();
  json.key("rows").begin_array();
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    write_row(json, table, row);
    if (after_row) after_row();
  }
  json.end_array();
  json.field("omitted_rows", std::uint64_t{table.omitted_rows()});
  json.end_object();
}

}  // namespace marey::table
