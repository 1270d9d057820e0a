// SPDX-License-Identifier: Apache-2.0
#include "src/table/cell.h"

#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <variant>

#include "src/base/format.h"
#include "src/base/quote.h"

namespace marey::table {
namespace {

/// Seconds with microseconds; exact to the microsecond however far from the origin.
std::string time_text(Time time, Time origin) {
  // Unsigned, so that times of broken traces cannot overflow.
  const std::uint64_t difference =
      time >= origin ? static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(origin)
                     : static_cast<std::uint64_t>(origin) - static_cast<std::uint64_t>(time);
  return fmt::format("{}{}.{:06}s", time < origin ? "-" : "", difference / 1'000'000'000,
                     difference % 1'000'000'000 / 1000);
}

std::string duration_text(Duration duration, bool ascii) {
  constexpr std::string_view kMicro = "µ";
  std::string text = base::format_duration(duration);
  const std::size_t at = ascii ? text.find(kMicro) : std::string::npos;
  if (at != std::string::npos) text.replace(at, kMicro.size(), "u");
  return text;
}

std::string integer_text(ColumnType type, std::int64_t value, const CellStyle& style) {
  switch (type) {
    case ColumnType::Count: return base::format_count(value);
    case ColumnType::Bytes:
      if (value < 0) return "-" + base::format_bytes(0 - static_cast<std::uint64_t>(value));
      return base::format_bytes(static_cast<std::uint64_t>(value));
    case ColumnType::Duration: return duration_text(value, style.ascii);
    case ColumnType::Time: return time_text(value, style.time_origin);
    default: return fmt::format("{}", value);
  }
}

}  // namespace

std::string cell_text(ColumnType type, const Value& value, const CellStyle& style) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return integer_text(type, *integer, style);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return number_text(type, *real, style);
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    std::string out;
    base::append_escaped(out, *text);
    return out;
  }
  return "-";
}

std::string number_text(ColumnType type, double value, const CellStyle& style) {
  if (type == ColumnType::Percent) return base::format_percent(value);
  constexpr double kLargest = 9e18;  // what fits into 64 bits
  const bool whole_units = type == ColumnType::Bytes || type == ColumnType::Duration ||
                           type == ColumnType::Time || std::trunc(value) == value;
  if (type == ColumnType::Real || !whole_units || !(std::fabs(value) < kLargest)) {
    return base::format_number(value);
  }
  return integer_text(type, std::llround(value), style);
}

}  // namespace marey::table
