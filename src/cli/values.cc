// SPDX-License-Identifier: Apache-2.0
#include "src/cli/values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <system_error>

namespace marey::cli {
namespace {

constexpr std::int64_t kMostNanoseconds = std::numeric_limits<std::int64_t>::max();

/// All but Bad, which no event has.
constexpr auto kKinds = [] {
  std::array<EventKind, static_cast<std::size_t>(EventKind::Experimental)> kinds{};
  for (std::size_t i = 0; i < kinds.size(); i++) kinds[i] = static_cast<EventKind>(i + 1);
  return kinds;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes "12" or "1.5" or ".5" off the front of `text` and returns it times `unit`, which
/// `find_unit` takes off next. Whole numbers are exact.
template <class FindUnit>
std::optional<std::uint64_t> take_quantity(std::string_view& text, FindUnit find_unit) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) end++;
  const std::string_view whole_digits = text.substr(0, end);
  std::string_view fraction_digits;
  if (end < text.size() && text[end] == '.') {
    const std::size_t begin = ++end;
    while (end < text.size() && is_digit(text[end])) end++;
    fraction_digits = text.substr(begin, end - begin);
  }
  if (whole_digits.empty() && fraction_digits.empty()) return std::nullopt;
  text.remove_prefix(end);
  const std::optional<std::uint64_t> unit = find_unit(text);
  if (!unit) return std::nullopt;

  std::uint64_t whole = 0;
  for (const char digit : whole_digits) {
    if (__builtin_mul_overflow(whole, std::uint64_t{10}, &whole)) return std::nullopt;
    if (__builtin_add_overflow(whole, static_cast<std::uint64_t>(digit - '0'), &whole)) {
      return std::nullopt;
    }
  }
  if (__builtin_mul_overflow(whole, *unit, &whole)) return std::nullopt;
  double fraction = 0;
  auto place = static_cast<double>(*unit);
  for (const char digit : fraction_digits) fraction += (place /= 10) * (digit - '0');
  if (__builtin_add_overflow(whole, static_cast<std::uint64_t>(std::llround(fraction)), &whole)) {
    return std::nullopt;
  }
  return whole;
}

std::optional<std::uint64_t> take_size_unit(std::string_view& text) {
  const std::string unit = lower(text);
  text = {};
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view kPrefixes = "kmgt";
  const std::size_t power = kPrefixes.find(unit[0]);
  if (power == std::string_view::npos) return std::nullopt;
  const std::string_view rest = std::string_view(unit).substr(1);
  if (!rest.empty() && rest != "b" && rest != "ib") return std::nullopt;
  return std::uint64_t{1} << (10 * (power + 1));
}

std::optional<std::uint64_t> take_time_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
  };
  // Those with a longer name first where one begins with the other.
  static constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                               {"us", 1'000},
                                               {"\u00b5s", 1'000},  // micro sign
                                               {"\u03bcs", 1'000},  // Greek mu
                                               {"ms", 1'000'000},
                                               {"s", 1'000'000'000},
                                               {"m", 60'000'000'000},
                                               {"h", 3'600'000'000'000}}};
  for (const Unit& unit : kUnits) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return unit.nanoseconds;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number > most) return std::nullopt;
  return number;
}

std::optional<GoID> parse_goroutine(std::string_view text) {
  if (text.starts_with('G') || text.starts_with('g')) text.remove_prefix(1);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  const std::optional<std::uint64_t> number = parse_number(text, kMost);
  if (!number) return std::nullopt;
  return GoID{static_cast<std::int64_t>(*number)};
}

std::optional<std::vector<GoID>> parse_goroutines(std::string_view text) {
  std::vector<GoID> goroutines;
  for (const std::string_view word : split(text, ',')) {
    const std::optional<GoID> goroutine = parse_goroutine(word);
    if (!goroutine) return std::nullopt;
    goroutines.push_back(*goroutine);
  }
  return goroutines;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return take_quantity(text, take_size_unit);
}

/// "14:23:42.1", "14:23"
std::optional<Moment> parse_time_of_day(std::string_view text) {
  constexpr std::int64_t kMinute = 60'000'000'000;
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() != 2 && parts.size() != 3) return std::nullopt;
  const std::optional<std::uint64_t> hour = parse_number(parts[0], 23);
  const std::optional<std::uint64_t> minute = parse_number(parts[1], 59);
  if (!hour || !minute) return std::nullopt;
  Moment moment{Moment::Since::Midnight, static_cast<std::int64_t>(60 * *hour + *minute) * kMinute};
  if (parts.size() == 3) {
    std::string_view seconds = parts[2];
    const auto second = [](std::string_view& rest) -> std::optional<std::uint64_t> {
      return rest.empty() ? std::optional<std::uint64_t>(1'000'000'000) : std::nullopt;
    };
    const std::optional<std::uint64_t> time = take_quantity(seconds, second);
    if (!time || *time >= static_cast<std::uint64_t>(kMinute)) return std::nullopt;
    moment.nanoseconds += static_cast<std::int64_t>(*time);
  }
  return moment;
}

std::optional<Moment> parse_moment(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.contains(':')) return parse_time_of_day(text);
  Moment moment;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, moment.nanoseconds);
  if (error == std::errc{} && stop == end) return moment;

  moment.since = Moment::Since::Start;
  // As `marey events` prints times: seconds without their unit, always with a point.
  std::string with_unit;
  if (text.contains('.') && text.find_first_not_of("0123456789.") == std::string_view::npos) {
    text = with_unit = std::string(text) + 's';
  }
  std::uint64_t sum = 0;
  while (!text.empty()) {
    const std::optional<std::uint64_t> part = take_quantity(text, take_time_unit);
    if (!part || __builtin_add_overflow(sum, *part, &sum)) return std::nullopt;
  }
  // Half of what fits, so that adding it to a time cannot overflow.
  if (sum > static_cast<std::uint64_t>(kMostNanoseconds / 2)) return std::nullopt;
  moment.nanoseconds = static_cast<std::int64_t>(sum);
  return moment;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const std::optional<Moment> moment = parse_moment(text);
  if (!moment || moment->since != Moment::Since::Start) return std::nullopt;
  return moment->nanoseconds;
}

std::optional<std::vector<Duration>> parse_durations(std::string_view text) {
  std::vector<Duration> durations;
  for (const std::string_view word : split(text, ',')) {
    const std::optional<Duration> duration = parse_duration(word);
    if (!duration || *duration == 0) return std::nullopt;
    durations.push_back(*duration);
  }
  return durations;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t end = text.find(separator);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

std::optional<EventKind> parse_kind(std::string_view text) {
  const std::string wanted = lower(text);
  for (const EventKind kind : kKinds) {
    if (lower(name_of(kind)) == wanted) return kind;
  }
  return std::nullopt;
}

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  names.reserve(kKinds.size());
  for (const EventKind kind : kKinds) names.push_back(name_of(kind));
  return names;
}

}  // namespace marey::cli
