// SPDX-License-Identifier: Apache-2.0
#include "src/cli/time_zone.h"

#include <algorithm>
#include <ctime>

namespace marey::cli {

std::int64_t local_offset(std::int64_t sec) {
  // Where the year would not fit the C library's type, the last rule that it knows goes on.
  constexpr std::int64_t kFarthest = 60'000'000'000'000'000;
  const auto time = static_cast<std::time_t>(std::clamp(sec, -kFarthest, kFarthest));
  std::tm fields{};
  ::tzset();
  return ::localtime_r(&time, &fields) == nullptr ? 0 : fields.tm_gmtoff;
}

}  // namespace marey::cli
