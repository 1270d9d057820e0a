// SPDX-License-Identifier: Apache-2.0
#include "src/cli/moment.h"

#include <fmt/format.h>
#include <limits>

#include "src/cli/time_zone.h"

namespace marey::cli {

std::optional<Time> Moment::on_clock(const TraceStart& start) const {
  constexpr std::int64_t kDay = 24 * 60 * 60;
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t since_start = nanoseconds;
  switch (since) {
    case Since::Clock: return nanoseconds;
    case Since::Start: break;
    case Since::Midnight: {
      if (!start.wall) return std::nullopt;
      const std::int64_t local = start.wall->seconds + local_offset(start.wall->seconds);
      const std::int64_t second_of_day = (local % kDay + kDay) % kDay;
      since_start -= second_of_day * kSecond + start.wall->nanoseconds;
      if (since_start < -kDay / 2 * kSecond) since_start += kDay * kSecond;
      break;
    }
  }
  Time time = 0;
  if (!__builtin_add_overflow(start.time, since_start, &time)) return time;
  return since_start < 0 ? std::numeric_limits<Time>::min() : std::numeric_limits<Time>::max();
}

std::string doubt_about(std::string_view flag, const std::optional<Moment>& moment, Time start) {
  constexpr std::int64_t kMostSeconds = 1'000'000;
  if (!moment || moment->since != Moment::Since::Clock || moment->nanoseconds == 0 ||
      moment->nanoseconds >= start) {
    return {};
  }
  const std::int64_t number = moment->nanoseconds;
  return fmt::format(
      "{} {} is taken for {} ns on the trace's clock, where the trace begins at {}{}", flag, number,
      number, start,
      number > 0 && number <= kMostSeconds ? fmt::format("; for seconds write {}s", number) : "");
}

}  // namespace marey::cli
