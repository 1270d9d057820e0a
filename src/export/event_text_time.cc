// SPDX-License-Identifier: Apache-2.0
#include "src/export/event_text_time.h"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>

namespace marey::exporting {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t kSecondsPerDay = 86'400;

/// Days from a March 1 so early that any 64-bit time lies after it (Go's "absolute" epoch) to
/// 1970-01-01. It is a whole number of 400-year cycles away from 0000-03-01.
constexpr std::uint64_t kEpochYears = 292'277'022'400;
constexpr std::uint64_t kDaysToUnixEpoch = kEpochYears / 400 * 146'097 + 719'468;

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

/// The Gregorian date of a day, counted from the early epoch. Years begin in March here, which
/// puts the leap day at their end (Howard Hinnant, "chrono-compatible low-level date algorithms").
Date date_of(std::uint64_t days) {
  const std::uint64_t cycle = days / 146'097;
  const auto day_of_cycle = static_cast<unsigned>(days % 146'097);
  const unsigned year_of_cycle =
      (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36'524 - day_of_cycle / 146'096) / 365;
  const unsigned day_of_year =
      day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const bool next_year = month_from_march >= 10;
  const auto year = static_cast<std::int64_t>(cycle * 400 + year_of_cycle - kEpochYears);
  return {year + (next_year ? 1 : 0), next_year ? month_from_march - 9 : month_from_march + 3, day};
}

std::atomic<LocalOffset> local_offset{[](std::int64_t) -> std::int64_t { return 0; }};

void append_padded(std::string& out, std::uint64_t value, std::ptrdiff_t width) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  for (std::ptrdiff_t n = end - digits.data(); n < width; n++) out.push_back('0');
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

void set_local_offset(LocalOffset offset) { local_offset = offset; }

void append_wall_time(std::string& out, std::int64_t sec, std::int64_t nsec, Zone zone) {
  // Unsigned where it may wrap around.
  auto wrapping_sec =
      static_cast<std::uint64_t>(sec) + static_cast<std::uint64_t>(nsec / kNanosecondsPerSecond);
  nsec %= kNanosecondsPerSecond;
  if (nsec < 0) {
    nsec += kNanosecondsPerSecond;
    wrapping_sec--;
  }
  const std::int64_t offset =
      zone == Zone::UTC ? 0 : local_offset.load()(static_cast<std::int64_t>(wrapping_sec));
  const std::uint64_t absolute =
      wrapping_sec + static_cast<std::uint64_t>(offset) + kDaysToUnixEpoch * kSecondsPerDay;
  const Date date = date_of(absolute / kSecondsPerDay);
  const std::uint64_t second_of_day = absolute % kSecondsPerDay;

  auto year = static_cast<std::uint64_t>(date.year);
  if (date.year < 0) {
    out.push_back('-');
    year = 0 - year;
  }
  append_padded(out, year, 4);
  out.push_back('-');
  append_padded(out, date.month, 2);
  out.push_back('-');
  append_padded(out, date.day, 2);
  out.push_back('T');
  append_padded(out, second_of_day / 3600, 2);
  out.push_back(':');
  append_padded(out, second_of_day / 60 % 60, 2);
  out.push_back(':');
  append_padded(out, second_of_day % 60, 2);
  if (nsec != 0) {
    out.push_back('.');
    append_padded(out, static_cast<std::uint64_t>(nsec), 9);
    while (out.back() == '0') out.pop_back();
  }
  if (offset == 0) {
    out.push_back('Z');
    return;
  }
  const auto minutes = static_cast<std::uint64_t>(std::abs(offset / 60));
  out.push_back(offset / 60 < 0 ? '-' : '+');
  append_padded(out, minutes / 60, 2);
  out.push_back(':');
  append_padded(out, minutes % 60, 2);
}

}  // namespace marey::exporting
