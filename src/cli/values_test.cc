// SPDX-License-Identifier: Apache-2.0
#include "src/cli/values.h"

#include <gtest/gtest.h>

namespace marey::cli {
namespace {

TEST(Values, Numbers) {
  EXPECT_EQ(parse_number("0", 10), 0u);
  EXPECT_EQ(parse_number("10", 10), 10u);
  for (const char* const bad : {"", "11", "-1", "+1", "1x", " 1", "0x10", "99999999999999999999"}) {
    EXPECT_FALSE(parse_number(bad, 10)) << bad;
  }
}

TEST(Values, Goroutines) {
  for (const std::string_view text : {"22", "G22", "g22"})
    EXPECT_EQ(parse_goroutine(text), GoID{22});
  for (const std::string_view text : {"", "G", "GG22", "G-1", "-1", "G22x", "P22", " 22"})
    EXPECT_FALSE(parse_goroutine(text)) << text;
}

TEST(Values, Sizes) {
  EXPECT_EQ(parse_size("65536"), 65536u);
  EXPECT_EQ(parse_size("17B"), 17u);
  EXPECT_EQ(parse_size("1k"), 1024u);
  EXPECT_EQ(parse_size("512M"), 512u << 20);
  EXPECT_EQ(parse_size("512MB"), 512u << 20);
  EXPECT_EQ(parse_size("2GiB"), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_size("1.5g"), std::uint64_t{3} << 29);
  EXPECT_EQ(parse_size("1T"), std::uint64_t{1} << 40);
  for (const char* const bad :
       {"", "M", "-1M", "1 M", "1X", "1MM", "1Mi", ".", "99999999999G", "18446744073709551616"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Values, Moments) {
  const auto relative = [](const char* text) {
    const std::optional<Moment> moment = parse_moment(text);
    return moment && moment->since == Moment::Since::Start ? moment->nanoseconds : -1;
  };
  EXPECT_EQ(relative("1.5s"), 1'500'000'000);
  EXPECT_EQ(relative("250ms"), 250'000'000);
  EXPECT_EQ(relative("12us"), 12'000);
  EXPECT_EQ(relative("12µs"), 12'000);
  EXPECT_EQ(relative("7ns"), 7);
  EXPECT_EQ(relative("1m30s"), 90'000'000'000);
  EXPECT_EQ(relative("1h"), 3'600'000'000'000);
  EXPECT_EQ(relative("0s"), 0);
  EXPECT_EQ(relative(".000000001s"), 1);
  EXPECT_EQ(relative("0.016100416"), 16'100'416);
  EXPECT_EQ(relative("12.000000007"), 12'000'000'007);

  const std::optional<Moment> absolute = parse_moment("123456789");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->since, Moment::Since::Clock);
  EXPECT_EQ(absolute->on_clock({1000, {}}), 123456789);
  EXPECT_EQ(parse_moment("5us")->on_clock({1000, {}}), 6000);

  for (const char* const bad :
       {"", "s", ".", "1.5.5", "1.5 ", "1 s", "1d", "-1s", "1s5", "9999999999h"}) {
    EXPECT_FALSE(parse_moment(bad)) << bad;
  }
}

}  // namespace
}  // namespace marey::cli
