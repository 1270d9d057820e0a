// SPDX-License-Identifier: Apache-2.0
#include "src/export/event_text_time.h"

#include <cstdint>
#include <ctime>
#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace marey::exporting {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::string wall_time(std::int64_t sec, std::int64_t nsec, Zone zone = Zone::UTC) {
  std::string out;
  append_wall_time(out, sec, nsec, zone);
  return out;
}

// The expected values are what Go 1.27 prints for time.Unix(sec, nsec).Format(time.RFC3339Nano).
TEST(WallTime, IsGos) {
  EXPECT_EQ(wall_time(0, 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(wall_time(1'795'242'886, 713'009'456), "2026-11-21T06:34:46.713009456Z");
  EXPECT_EQ(wall_time(1'795'242'886, 713'000'000), "2026-11-21T06:34:46.713Z");
  EXPECT_EQ(wall_time(1'709'210'096, 1), "2024-02-29T12:34:56.000000001Z");
  EXPECT_EQ(wall_time(951'868'799, 999'999'999), "2000-02-29T23:59:59.999999999Z");
  EXPECT_EQ(wall_time(-1, 0), "1969-12-31T23:59:59Z");
  EXPECT_EQ(wall_time(-62'135'596'800, 0), "0001-01-01T00:00:00Z");
  EXPECT_EQ(wall_time(-62'167'219'200, 0), "0000-01-01T00:00:00Z");
  EXPECT_EQ(wall_time(-62'167'219'201, 0), "-0001-12-31T23:59:59Z");
  EXPECT_EQ(wall_time(253'402'300'800, 0), "10000-01-01T00:00:00Z");
}

TEST(WallTime, CarriesNanosecondsOutsideOneSecond) {
  EXPECT_EQ(wall_time(10, 1'500'000'000), "1970-01-01T00:00:11.5Z");
  EXPECT_EQ(wall_time(10, -1), "1970-01-01T00:00:09.999999999Z");
  EXPECT_EQ(wall_time(0, kMost), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(wall_time(0, kLeast), "1677-09-21T00:12:43.145224192Z");
}

TEST(WallTime, WrapsAroundLikeGos) {
  EXPECT_EQ(wall_time(kMost, 0), "292277026596-12-04T15:30:07Z");
  EXPECT_EQ(wall_time(kLeast, 0), "292277026596-12-04T15:30:08Z");
  EXPECT_EQ(wall_time(kLeast, -1), "292277026596-12-04T15:30:07.999999999Z");
  EXPECT_EQ(wall_time(kMost, kMost), "-292277022365-05-08T08:17:07.854775807Z");
}

std::int64_t process_offset(std::int64_t sec) {
  const auto time = static_cast<std::time_t>(sec);
  std::tm fields{};
  ::tzset();
  return ::localtime_r(&time, &fields) == nullptr ? 0 : fields.tm_gmtoff;
}

/// In this program, that of the room's tests, the local zone is the process's, as in the command:
/// tests set TZ.
class ProcessZone : public ::testing::Environment {
 public:
  void SetUp() override { set_local_offset(process_offset); }
};
[[maybe_unused]] const auto* const process_zone =
    ::testing::AddGlobalTestEnvironment(new ProcessZone);

TEST(WallTime, LocalZoneIsTheCallers) {
  // An hour east, two in summer; and 3:30 west.
  set_local_offset(
      [](std::int64_t sec) -> std::int64_t { return sec < 1'790'000'000 ? 7200 : 3600; });
  EXPECT_EQ(wall_time(1'795'242'886, 5, Zone::Local), "2026-11-21T07:34:46.000000005+01:00");
  EXPECT_EQ(wall_time(1'782'000'000, 0, Zone::Local), "2026-06-21T02:00:00+02:00");
  EXPECT_EQ(wall_time(1'782'000'000, 0, Zone::UTC), "2026-06-21T00:00:00Z");
  set_local_offset([](std::int64_t) -> std::int64_t { return -12'600; });
  EXPECT_EQ(wall_time(1'782'000'000, 0, Zone::Local), "2026-06-20T20:30:00-03:30");
  set_local_offset([](std::int64_t) -> std::int64_t { return 0; });
  EXPECT_EQ(wall_time(1'782'000'000, 0, Zone::Local), "2026-06-21T00:00:00Z");
  set_local_offset(process_offset);
}

}  // namespace
}  // namespace marey::exporting
