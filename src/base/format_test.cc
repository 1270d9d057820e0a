// SPDX-License-Identifier: Apache-2.0
#include "src/base/format.h"

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>

namespace marey::base {
namespace {

TEST(FormatDuration, ThreeDigitsAtMost) {
  EXPECT_EQ("0", format_duration(0));
  EXPECT_EQ("1ns", format_duration(1));
  EXPECT_EQ("999ns", format_duration(999));
  EXPECT_EQ("1µs", format_duration(1000));
  EXPECT_EQ("1.23µs", format_duration(1234));
  EXPECT_EQ("1.24µs", format_duration(1235));
  EXPECT_EQ("212µs", format_duration(212'345));
  EXPECT_EQ("1.5ms", format_duration(1'500'000));
  EXPECT_EQ("12.3ms", format_duration(12'345'678));
  EXPECT_EQ("59.9s", format_duration(59'949'999'999));
  EXPECT_EQ("-1.5ms", format_duration(-1'500'000));
}

TEST(FormatDuration, RoundingNeverLeavesAUnit) {
  EXPECT_EQ("10µs", format_duration(9'996));
  EXPECT_EQ("100µs", format_duration(99'960));
  EXPECT_EQ("1ms", format_duration(999'600));
  EXPECT_EQ("1s", format_duration(999'999'999));
  EXPECT_EQ("1m00s", format_duration(59'999'999'999));
  EXPECT_EQ("1h00m", format_duration(3'599'900'000'000));
  EXPECT_EQ("1d00h", format_duration(86'399'900'000'000));
}

TEST(FormatDuration, LongOnes) {
  EXPECT_EQ("1m05s", format_duration(65'000'000'000));
  EXPECT_EQ("2h03m", format_duration(7'380'000'000'000));
  EXPECT_EQ("3d04h", format_duration(273'600'000'000'000));
  EXPECT_EQ("106752d00h", format_duration(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ("-106752d00h", format_duration(std::numeric_limits<std::int64_t>::min()));
}

TEST(FormatBytes, BinaryUnits) {
  EXPECT_EQ("0 B", format_bytes(0));
  EXPECT_EQ("1023 B", format_bytes(1023));
  EXPECT_EQ("1 KiB", format_bytes(1024));
  EXPECT_EQ("1.5 KiB", format_bytes(1536));
  EXPECT_EQ("64 KiB", format_bytes(65536));
  EXPECT_EQ("1023 KiB", format_bytes(1023 * 1024));
  EXPECT_EQ("1 MiB", format_bytes(1024 * 1024 - 1));
  EXPECT_EQ("600 MiB", format_bytes(600ull << 20));
  EXPECT_EQ("16 EiB", format_bytes(std::numeric_limits<std::uint64_t>::max()));
}

TEST(FormatCount, Separators) {
  EXPECT_EQ("0", format_count(0));
  EXPECT_EQ("999", format_count(999));
  EXPECT_EQ("1,000", format_count(1000));
  EXPECT_EQ("-1,234,567", format_count(-1234567));
  EXPECT_EQ("-9,223,372,036,854,775,808", format_count(std::numeric_limits<std::int64_t>::min()));
}

TEST(FormatPercent, EdgesAreHonest) {
  EXPECT_EQ("0%", format_percent(0));
  EXPECT_EQ("0%", format_percent(-0.0));
  EXPECT_EQ("<0.1%", format_percent(0.01));
  EXPECT_EQ("12.3%", format_percent(12.34));
  EXPECT_EQ("50%", format_percent(50));
  EXPECT_EQ(">99.9%", format_percent(99.99));
  EXPECT_EQ("100%", format_percent(100));
  EXPECT_EQ("250%", format_percent(250));
  EXPECT_EQ("-", format_percent(std::nan("")));
}

TEST(FormatNumber, ShortForms) {
  EXPECT_EQ("1.23", format_number(1.234));
  EXPECT_EQ("12,346", format_number(12345.6));
  EXPECT_EQ("1e+20", format_number(1e20));
  EXPECT_EQ("-", format_number(std::numeric_limits<double>::infinity()));
}

}  // namespace
}  // namespace marey::base
