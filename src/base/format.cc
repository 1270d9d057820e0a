// SPDX-License-Identifier: Apache-2.0
#include "src/base/format.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <string_view>

namespace marey::base {
namespace {

/// `hundredths` / 100 without trailing zeros; `decimals` (0 to 2) of them are shown at most.
std::string trimmed(std::uint64_t hundredths, int decimals) {
  std::string text = fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
  text.resize(text.size() - static_cast<std::size_t>(2 - decimals));
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

/// `value` / `unit` to three significant digits, or "" if that rounds to `limit` or more.
/// Integer arithmetic: the last digit must not depend on the machine.
std::string three_digits(std::uint64_t value, std::uint64_t unit, std::uint64_t limit) {
  const std::uint64_t whole = value / unit;
  const int decimals = whole < 10 ? 2 : whole < 100 ? 1 : 0;
  for (int d = decimals; d >= 0; --d) {
    const std::uint64_t scale = d == 2 ? 100 : d == 1 ? 10 : 1;
    // value * scale / unit, half up, in 128 bits: bytes go up to 2^64.
    const auto scaled = static_cast<std::uint64_t>(
        (static_cast<unsigned __int128>(value) * scale + unit / 2) / unit);
    // 9.996 rounds to 10.00, which has one digit too many: again with one less.
    if (d > 0 && scaled >= 1000) continue;
    if (scaled >= limit * scale) return "";
    return trimmed(scaled * (100 / scale), d);
  }
  return "";
}

std::uint64_t rounded(std::uint64_t value, std::uint64_t unit) { return (value + unit / 2) / unit; }

std::string format_magnitude(std::uint64_t ns) {
  struct Unit {
    std::uint64_t size;
    std::uint64_t limit;
    std::string_view name;
  };
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr std::array<Unit, 4> kUnits = {
      {{1, 1000, "ns"}, {1000, 1000, "µs"}, {1'000'000, 1000, "ms"}, {kSecond, 60, "s"}}};
  if (ns == 0) return "0";
  for (const Unit& unit : kUnits) {
    if (ns >= unit.size * unit.limit) continue;
    const std::string text = three_digits(ns, unit.size, unit.limit);
    if (!text.empty()) return fmt::format("{}{}", text, unit.name);
  }
  const std::uint64_t seconds = rounded(ns, kSecond);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  const std::uint64_t minutes = rounded(ns, 60 * kSecond);
  if (minutes < std::uint64_t{24} * 60) return fmt::format("{}h{:02}m", minutes / 60, minutes % 60);
  const std::uint64_t hours = rounded(ns, 3600 * kSecond);
  return fmt::format("{}d{:02}h", hours / 24, hours % 24);
}

std::string with_separators(std::string digits) {
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

/// |value|; right for the smallest integer, too, which has no positive counterpart.
std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

}  // namespace

std::string format_duration(std::int64_t nanoseconds) {
  return (nanoseconds < 0 ? "-" : "") + format_magnitude(magnitude(nanoseconds));
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 7> kNames = {"B",   "KiB", "MiB", "GiB",
                                                      "TiB", "PiB", "EiB"};
  std::size_t i = 0;
  std::uint64_t unit = 1;
  for (; i + 1 < kNames.size(); ++i, unit *= 1024) {
    if (bytes / unit >= 1024) continue;
    const std::string text = three_digits(bytes, unit, 1024);
    if (!text.empty()) return fmt::format("{} {}", text, kNames[i]);
  }
  return fmt::format("{} {}", three_digits(bytes, unit, 1024), kNames[i]);
}

std::string format_count(std::int64_t count) {
  return (count < 0 ? "-" : "") + with_separators(fmt::format("{}", magnitude(count)));
}

std::string format_percent(double percent) {
  if (!std::isfinite(percent)) return "-";
  if (percent > 0 && percent < 0.1) return "<0.1%";
  if (percent > 99.9 && percent < 100) return ">99.9%";
  std::string text = fmt::format("{:.1f}", percent);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  if (text == "-0") text = "0";
  return text + "%";
}

std::string format_number(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::fabs(value);
  if (size >= 100 && size < 1e15) return format_count(std::llround(value));
  return fmt::format("{:.3g}", value);
}

}  // namespace marey::base
