// SPDX-License-Identifier: Apache-2.0
#include "src/table/text.h"

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <string_view>

#include "src/table/display_width.h"

namespace marey::table {
namespace {

Table sample() {
  Table table("goroutines", "Goroutines by start function", "What they did.");
  const auto function = table.add_text("function", "Start function", "");
  const auto number = table.add_count("number", "Number", "");
  const auto total = table.add_duration("total", "Total", "");
  const auto share = table.add_percent("share", "Share", "");
  table.add_row()
      .set(function, "net/http.(*Server).Serve.gowrap3")
      .set(number, 12345)
      .set(total, 1'234'567'890);
  table.add_row().set(function, "main.main").set(number, 1).set(total, 250'000).set(share, 12.34);
  return table;
}

std::string draw(const Table& table, const TextOptions& options = {}) {
  std::string out;
  draw_text(out, table, options);
  return out;
}

TEST(Text, AlignsAndHumanizes) {
  EXPECT_EQ(
      "Goroutines by start function\n"
      "Start function                    Number  Total  Share\n"
      "net/http.(*Server).Serve.gowrap3  12,345  1.23s      -\n"
      "main.main                              1  250µs  12.3%\n",
      draw(sample()));
}

TEST(Text, PathsBeginWithThePackage) {
  Table table("places", "Places", "Where.");
  const auto place = table.add_path("place", "Place", "");
  const auto number = table.add_count("number", "Number", "");
  table.add_row().set(place, "/usr/local/go/src/net/http/server.go:2092").set(number, 1);
  table.add_row().set(place, "/build/g/shop/server/main.go:33").set(number, 2);
  EXPECT_EQ(
      "Places\n"
      "Place                    Number\n"
      "net/http/server.go:2092       1\n"
      "server/main.go:33             2\n",
      draw(table));
}

TEST(Text, ShortensTextToTheWidth) {
  EXPECT_EQ(
      "Goroutines by start function\n"
      "Start function            Number  Total  Share\n"
      "net/http.(*S…rve.gowrap3  12,345  1.23s      -\n"
      "main.main                      1  250µs  12.3%\n",
      draw(sample(), {.width = 46}));
  // Where that is not enough, columns go; the first two never.
  EXPECT_EQ(
      "Goroutines by start function\n"
      "Start function          Number  Total\n"
      "net/http.(*…ve.gowrap3  12,345  1.23s\n"
      "main.main                    1  250µs\n"
      "… no room for 1 more column: Share\n",
      draw(sample(), {.width = 37}));
  EXPECT_EQ(
      "Goroutines by start function\n"
      "Start function        Number\n"
      "net/http.....gowrap3  12,345\n"
      "main.main                  1\n"
      "... no room for 2 more\n"
      "columns: Total, Share\n",
      draw(sample(), {.ascii = true, .width = 28}));
  EXPECT_EQ(
      "Goroutines by start function\n"
      "Start\n"
      "function  Number\n"
      "net...p3  12,345\n"
      "mai...in       1\n"
      "... no room\n"
      "for 2 more\n"
      "columns:\n"
      "Total, Share\n",
      draw(sample(), {.ascii = true, .width = 14}));
}

TEST(Text, TellsWhetherColumnsWereLeftOut) {
  std::string out;
  EXPECT_FALSE(draw_text(out, sample(), {}));
  EXPECT_FALSE(draw_text(out, sample(), {.width = 45}));
  EXPECT_TRUE(draw_text(out, sample(), {.width = 37}));
}

TEST(Text, AWideColumnTakesNoNarrowOnesWithIt) {
  Table table("t", "T", "");
  const auto a = table.add_text("a", "A", "");
  const auto b = table.add_count("b", "B", "");
  const auto c = table.add_text("c", "C", "");
  const auto d = table.add_count("d", "D", "");
  table.add_row().set(a, std::string(30, 'a')).set(b, 1).set(c, std::string(30, 'c')).set(d, 2);
  EXPECT_EQ(
      "T\n"
      "A                             B  D\n"
      "aaaaaaaaaaaaaa…aaaaaaaaaaaaa  1  2\n"
      "… no room for 1 more column: C\n",
      draw(table, {.width = 34}));
}

TEST(Text, TheColumnThatRowsAreSortedByHasRoom) {
  Table table("things", "Things", "");
  const auto name = table.add_text("name", "Name", "");
  const auto a = table.add_count("a", "First", "");
  const auto b = table.add_count("b", "Second", "");
  const auto c = table.add_count("c", "Third", "");
  table.add_row().set(name, "thing").set(a, 1).set(b, 2).set(c, 3);
  table.sort_by("c", Order::Descending);
  EXPECT_EQ(
      "Things\n"
      "Name   First  Third\n"
      "thing      1      3\n"
      "… no room for 1 more\n"
      "column: Second\n",
      draw(table, {.width = 20}));
}

TEST(Text, BreaksHeadsBeforeAnythingIsCut) {
  Table table("t", "T", "");
  const auto wait = table.add_duration("w", "Scheduler wait time", "");
  const auto number = table.add_count("n", "Number", "");
  table.add_row().set(wait, 5'000).set(number, 7);
  EXPECT_EQ(
      "T\n"
      "Scheduler\n"
      "wait time  Number\n"
      "      5µs       7\n",
      draw(table, {.width = 20}));
}

TEST(Text, LeavesOutBlankColumnsWhereAskedTo) {
  Table table("t", "T", "");
  const auto a = table.add_text("a", "A", "");
  const auto b = table.add_count("b", "B", "");
  table.add_text("c", "C", "");
  const auto d = table.add_count("d", "D", "");
  table.add_row().set(a, "x").set(b, 0).set(d, 1);
  table.add_row().set(d, 0);
  EXPECT_EQ("T\nA  D\nx  1\n-  0\n", draw(table, {.skip_blank = true}));
  EXPECT_EQ("T\nA  B  C  D\nx  0  -  1\n-  -  -  0\n", draw(table));
}

TEST(Text, WhatRowsAreAboutIsNeverLeftOut) {
  Table table("t", "T", "");
  const auto function = table.add_text("function", "Start function", "");
  table.add_text("reason", "Reason", "");
  const auto time = table.add_duration("time", "Time", "");
  const auto count = table.add_count("count", "Count", "");
  table.add_row().set(function, std::string(60, 'f')).set(time, 1'230'000).set(count, 12345);
  EXPECT_EQ(
      "T\n"
      "Start function             Reason    Time\n"
      "ffffffffffff…ffffffffffff  -       1.23ms\n"
      "… no room for 1 more column: Count\n",
      draw(table, {.skip_blank = true, .width = 41}));

  Table wide("t", "T", "");
  const auto a = wide.add_text("a", "A", "");
  const auto b = wide.add_text("b", "B", "");
  const auto c = wide.add_duration("c", "C", "");
  wide.add_row().set(a, std::string(60, 'a')).set(b, std::string(60, 'b')).set(c, 1'230'000);
  EXPECT_EQ(
      "T\n"
      "A                B                     C\n"
      "aaaaaaa…aaaaaaa  bbbbbbb…bbbbbbb  1.23ms\n",
      draw(wide, {.width = 40}));
}

TEST(Text, AnIdOfZeroIsNoBlank) {
  Table table("t", "T", "");
  const auto proc = table.add_id("p", "Proc", "", "proc");
  table.add_id("q", "Other", "", "proc");
  const auto at = table.add_time("at", "At", "");
  const auto number = table.add_count("n", "N", "");
  table.add_row().set(proc, ProcID{0}).set(at, 0).set(number, 0);
  EXPECT_EQ("T\nProc         At\n   0  0.000000s\n", draw(table, {.skip_blank = true}));
}

TEST(Text, BlankIsSaidOfAllRows) {
  Table table("t", "T", "");
  const auto a = table.add_count("a", "A", "");
  const auto b = table.add_text("b", "B", "");
  table.add_row().set(a, 3);
  table.add_row().set(a, 2);
  table.add_row().set(a, 1).set(b, "x");
  table.keep_top(a, 2);
  table.keep_first(1);
  EXPECT_EQ("T\nA  B\n3  -\n… 2 more rows\n", draw(table, {.skip_blank = true}));
}

TEST(Text, SharesTheWidthAmongTexts) {
  Table table("t", "T", "");
  const auto a = table.add_text("a", "A", "");
  const auto b = table.add_text("b", "B", "");
  const auto c = table.add_text("c", "C", "");
  table.add_row().set(a, std::string(60, 'a')).set(b, "short").set(c, std::string(40, 'c'));
  EXPECT_EQ(
      "T\n"
      "A                      B      C\n"
      "aaaaaaaaaa…aaaaaaaaaa  short  cccccccccc…cccccccccc\n",
      draw(table, {.width = 52}));
  for (std::size_t width = 49; width < 120; ++width) {
    const std::string out = draw(table, {.width = width});
    EXPECT_LE(display_width(out.substr(out.rfind('\n', out.size() - 2) + 1)) - 1, width) << width;
  }
}

TEST(Text, HelpColourAndOmittedRows) {
  Table table = sample();
  table.keep_first(1);
  EXPECT_EQ(
      "\x1b[1mGoroutines by start function\x1b[0m\n"
      "\x1b[2mWhat they did.\x1b[0m\n"
      "\x1b[2mStart function                    Number  Total  Share\x1b[0m\n"
      "net/http.(*Server).Serve.gowrap3  12,345  1.23s      -\n"
      "\x1b[2m… 1 more row\x1b[0m\n",
      draw(table, {.color = true, .help = true}));
  table.keep_first(0);
  EXPECT_EQ("Goroutines by start function\n(no rows)\n... 2 more rows\n",
            draw(table, {.ascii = true}));
}

TEST(Text, HostileTextCannotBreakTheTerminal) {
  Table table("t", "T\x1b]0;x\a", "");
  const auto text = table.add_text("text", "Text", "");
  const auto n = table.add_int("n", "N", "");
  table.add_row().set(text, "a\x1b[2J\n\xff\xe2\x80\xae日本").set(n, -5);
  table.add_row().set(text, "plain").set(n, 1);
  EXPECT_EQ(
      "T\\x1b]0;x\\a\n"
      "Text                       N\n"
      "a\\x1b[2J\\n\\xff\\u202e日本  -5\n"
      "plain                      1\n",
      draw(table));
}

TEST(Text, EveryTypeIsDrawn) {
  Table table("t", "T", "");
  const auto bytes = table.add_bytes("bytes", "Bytes", "");
  const auto time = table.add_time("time", "Time", "");
  const auto id = table.add_id("id", "Id", "", "goroutine");
  const auto real = table.add_real("real", "Real", "", "1/s");
  const auto whole = table.add_int("whole", "Whole", "");
  table.add_row()
      .set(bytes, 1536)
      .set(time, 5'001'234'567)
      .set(id, 12345)
      .set(real, 2.5)
      .set(whole, 12345);
  table.add_row().set(bytes, -1536).set(time, std::numeric_limits<std::int64_t>::min() + 1);
  EXPECT_EQ(
      "T\n"
      "   Bytes                 Time     Id  Real  Whole\n"
      " 1.5 KiB            4.001234s  12345   2.5  12345\n"
      "-1.5 KiB  -9223372037.854775s      -     -      -\n",
      draw(table, {.time_origin = 1'000'000'000}));
}

TEST(DisplayWidth, WideAndCombining) {
  EXPECT_EQ(3u, display_width("abc"));
  EXPECT_EQ(4u, display_width("日本"));
  EXPECT_EQ(1u, display_width("e\u0301"));
  EXPECT_EQ(2u, display_width("😀"));
  EXPECT_EQ(1u, display_width("µ"));
}

TEST(DisplayWidth, ShortensWithoutBreakingCharacters) {
  EXPECT_EQ("abcdef", shorten("abcdef", 6, "…"));
  EXPECT_EQ("abc…gh", shorten("abcdefgh", 6, "…"));
  EXPECT_EQ("a...h", shorten("abcdefgh", 5, "..."));
  EXPECT_EQ("…", shorten("abcdefgh", 1, "…"));
  EXPECT_EQ("…defgh", shorten("abcdefgh", 6, "…", Cut::Begin));
  EXPECT_EQ("abcdef", shorten("abcdef", 6, "…", Cut::Begin));
  EXPECT_EQ("…語日本語", shorten("日本語日本語", 10, "…", Cut::Begin));
  EXPECT_EQ("..", shorten("abcdefgh", 2, "..."));
  EXPECT_EQ("", shorten("abcdefgh", 0, "…"));
  EXPECT_EQ("日…語", shorten("日本語日本語", 5, "…"));
  EXPECT_EQ("e\u0301…z", shorten("e\u0301abco\u0301z", 3, "…"));
  EXPECT_EQ("e\u0301…o\u0301", shorten("e\u0301abco\u0301", 3, "…"));
  const std::string_view text = "aé日\u0301😀bcdéf日o";
  for (std::size_t width = 0; width < 20; ++width) {
    EXPECT_LE(display_width(shorten(text, width, "…")), width);
  }
}

}  // namespace
}  // namespace marey::table
