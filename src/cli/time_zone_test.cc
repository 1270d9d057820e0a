// SPDX-License-Identifier: Apache-2.0
#include "src/cli/time_zone.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace marey::cli {
namespace {

TEST(TimeZone, IsTheProcess) {
  const char* const before = std::getenv("TZ");
  const std::string saved = before == nullptr ? "" : before;
  // POSIX notation, which needs no zone files: an hour east, two in summer; and 3:30 west.
  ASSERT_EQ(::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
  EXPECT_EQ(local_offset(1'795'242'886), 3600);
  EXPECT_EQ(local_offset(1'782'000'000), 7200);
  EXPECT_EQ(local_offset(std::numeric_limits<std::int64_t>::max()) % 3600, 0);
  ASSERT_EQ(::setenv("TZ", "NST3:30", 1), 0);
  EXPECT_EQ(local_offset(1'782'000'000), -12'600);
  ASSERT_EQ(::setenv("TZ", "UTC0", 1), 0);
  EXPECT_EQ(local_offset(1'782'000'000), 0);
  if (before == nullptr) {
    ::unsetenv("TZ");
  } else {
    ::setenv("TZ", saved.c_str(), 1);
  }
}

}  // namespace
}  // namespace marey::cli
