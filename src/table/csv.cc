// SPDX-License-Identifier: Apache-2.0
#include "src/table/csv.h"

#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <string_view>
#include <variant>

#include "src/base/utf8.h"

namespace marey::table {
namespace {

void append_field(std::string& out, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    base::append_valid_utf8(out, text);
    return;
  }
  std::string doubled;
  for (const char c : text) doubled.append(c == '"' ? 2 : 1, c);
  out.push_back('"');
  base::append_valid_utf8(out, doubled);
  out.push_back('"');
}

void append_value(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    append_field(out, *text);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *integer);
  } else if (const auto* real = std::get_if<double>(&value); real && std::isfinite(*real)) {
    fmt::format_to(std::back_inserter(out), "{}", *real);
  }
}

}  // namespace

void write_csv(std::string& out, const Table& table, const std::function<void()>& after_row) {
  const std::size_t columns = table.columns().size();
  for (std::size_t c = 0; c < columns; ++c) {
    if (c > 0) out.push_back(',');
    append_field(out, table.columns()[c].name);
  }
  out.append("\r\n");
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    for (std::size_t c = 0; c < columns; ++c) {
      if (c > 0) out.push_back(',');
      append_value(out, table.value(c, row));
    }
    out.append("\r\n");
    if (after_row) after_row();
  }
}

}  // namespace marey::table
