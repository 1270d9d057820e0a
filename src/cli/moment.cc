// SPDX-License-Identifier: Apache-2.0
#include "src/cli/moment.h"

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

}  // namespace marey::cli
