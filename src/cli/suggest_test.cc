// SPDX-License-Identifier: Apache-2.0
#include "src/cli/suggest.h"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace marey::cli {
namespace {

constexpr std::array<std::string_view, 7> kWords{"report", "info", "events",    "version",
                                                 "help",   "d",    "completion"};

constexpr std::array<std::string_view, 4> kChoices{"footprint", "bash", "zsh", "parsed"};

TEST(Suggest, FindsTheNearest) {
  EXPECT_EQ(closest("foot", kChoices), "footprint");
  EXPECT_EQ(closest("bsh", kChoices), "bash");
  EXPECT_EQ(closest("prased", kChoices), "parsed");
  EXPECT_EQ(closest("reprot", kWords), "report");
  EXPECT_EQ(closest("event", kWords), "events");
  EXPECT_EQ(closest("inof", kWords), "info");
  EXPECT_EQ(closest("comp", kWords), "completion");
  EXPECT_EQ(closest("hlep", kWords), "help");
}

TEST(Suggest, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(closest("", kWords), "");
  EXPECT_EQ(closest("x", kWords), "");
  EXPECT_EQ(closest("timeline", kWords), "");
  EXPECT_EQ(closest("foo", kChoices), "");
  EXPECT_EQ(closest("ksh", kChoices), "");
  EXPECT_EQ(closest("ba", kChoices), "");
  EXPECT_EQ(closest(std::string(100'000, 'e'), kWords), "");
}

TEST(Suggest, CommandsCanBeCopied) {
  EXPECT_EQ(marked_command("marey report", "a/trace.out"), "'marey report a/trace.out'");
  EXPECT_EQ(marked_command("marey report", "my trace.out"), "`marey report 'my trace.out'`");
  EXPECT_EQ(marked_command("marey info --json", "-x"), "'marey info --json ./-x'");
  EXPECT_EQ(file_argument("-"), "-");
  EXPECT_EQ(marked_command("marey report", "a\tb"), "'marey report FILE'");
}

}  // namespace
}  // namespace marey::cli
