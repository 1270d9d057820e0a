// SPDX-License-Identifier: Apache-2.0
#include "src/table/html.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "src/table/html_page.h"

namespace marey::table {
namespace {

using namespace std::literals;

std::string html(std::string_view text) {
  std::string out;
  append_html(out, text);
  return out;
}

std::string draw(const Table& table, const HtmlOptions& options = {}) {
  std::string out;
  draw_html(out, table, options);
  return out;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

/// A table of `rows` rows, each of one text and one number.
Table many_rows(std::size_t rows, std::string_view text = "main.f") {
  Table table("things", "Things", "All things.");
  const auto name = table.add_text("name", "Name", "What it is called.");
  const auto number = table.add_count("number", "Number", "How many.");
  for (std::size_t i = 0; i < rows; ++i) table.add_row().set(name, text).set(number, i + 1);
  return table;
}

TEST(Html, EscapesWhatHtmlHasAMeaningFor) {
  EXPECT_EQ("a&lt;b&gt;&amp;&quot;c&quot;&#39;d", html("a<b>&\"c\"'d"));
  EXPECT_EQ("main.Map[go.shape.int,é,世界]", html("main.Map[go.shape.int,é,世界]"));
}

TEST(Html, WhatIsNotUtf8IsReplaced) {
  EXPECT_EQ("a\ufffdb\ufffd", html("a\xff"
                                   "b\xc3"));
  EXPECT_EQ("\ufffd\ufffd", html("\xc0\x80"));  // overlong
}

TEST(Html, WhatIsNotPrintableIsEscaped) {
  EXPECT_EQ(R"(a\x00\x1b[2J\n)", html("a\0\x1b[2J\n"sv));
  EXPECT_EQ(R"(\u202eelif.exe)", html("\u202e"
                                      "elif.exe"));  // turns the direction around
}

TEST(Html, CommandsInSentencesAreCode) {
  std::string out;
  append_html_sentence(out, "It's <that>; 'marey stw FILE' or `-pprof=net`, don't 'marey ");
  EXPECT_EQ(
      "It&#39;s &lt;that&gt;; <code>marey stw FILE</code> or <code>-pprof=net</code>, don&#39;t "
      "&#39;marey ",
      out);
}

TEST(Html, CellsHaveTheirExactValues) {
  Table table("things", "Things", "All things.");
  const auto name = table.add_text("name", "Name", "");
  const auto total = table.add_duration("total", "Total", "");
  const auto at = table.add_time("at", "At", "");
  const auto many = table.add_count("many", "Many", "", "goroutines");
  const auto share = table.add_percent("share", "Share", "");
  const auto id = table.add_id("id", "Id", "", "goroutine");
  table.add_row()
      .set(name, "<main>")
      .set(total, 1'234'567)
      .set(at, 2'000'000'001)
      .set(many, 12'345)
      .set(share, 12.345)
      .set(id, GoID{7});
  table.add_row();
  const std::string out = draw(table, {.time_origin = 1'000'000'000});
  EXPECT_NE(std::string::npos,
            out.find("<tr><th scope=\"row\" class=\"text short\">&lt;main&gt;</th>"
                     "<td title=\"1234567 ns\">1.23ms</td>"
                     "<td title=\"2000000001 ns\">1.000000s</td>"
                     "<td title=\"12345 goroutines\">12,345</td>"
                     "<td title=\"12.345 percent\">12.3%</td>"
                     "<td>7</td></tr>"))
      << out;
  EXPECT_NE(std::string::npos,
            out.find("<tr><th scope=\"row\" class=\"text short\">-</th><td>-</td><td>-</td><td>-"
                     "</td><td>-</td><td>-</td></tr>"))
      << out;
}

TEST(Html, NamesBreakBehindTheirDotsAndPathsAreShort) {
  Table table("places", "Places", "Where.");
  const auto function = table.add_text("function", "Function", "");
  const auto place = table.add_path("place", "Place", "");
  const auto why = table.add_text("why", "Why", "");
  table.add_row()
      .set(function, "net/http.(*conn).serve")
      .set(place, "/usr/local/go/src/net/http/server.go:2092")
      .set(why, "It waits. And waits.");
  table.add_row().set(function, "main.main").set(place, "shop/main.go:7");
  const std::string out = draw(table);
  EXPECT_NE(std::string::npos,
            out.find("<tr><th scope=\"row\" class=\"text short\">net/http.<wbr>(*conn).<wbr>serve"
                     "</th><td class=\"text short\" "
                     "title=\"/usr/local/go/src/net/http/server.go:2092\">"
                     "net/http/server.go:2092</td><td class=\"text\">It waits. And waits.</td>"))
      << out;
  EXPECT_NE(std::string::npos, out.find("<td class=\"text short\">shop/main.go:7</td>")) << out;
}

TEST(Html, HeadsSayHowToSort) {
  const std::string out = draw(many_rows(1));
  EXPECT_NE(std::string::npos,
            out.find("<th scope=\"col\" data-name=\"name\" data-sort=\"text\" class=\"text\" "
                     "title=\"What it is called.\">Name</th>"))
      << out;
  EXPECT_NE(std::string::npos,
            out.find("<th scope=\"col\" data-name=\"number\" data-sort=\"number\" "))
      << out;
}

TEST(Html, SaysHowToReadIt) {
  Table table = many_rows(1);
  EXPECT_EQ(std::string::npos, draw(table).find("class=\"reading\""));
  table.set_reading("One is normal.");
  EXPECT_NE(std::string::npos, draw(table).find("<p class=\"reading\">One is normal.</p>"));
}

TEST(Html, LongTablesWaitForAClickAndEnd) {
  EXPECT_EQ(std::string::npos, draw(many_rows(5), {.shown = 5}).find("class=\"rest\""));
  const std::string out = draw(many_rows(1000), {.shown = 5, .most = 20});
  EXPECT_EQ(20u, count(out, "<tr><th scope=\"row\""));
  const std::string_view rest = std::string_view(out).substr(out.find("<tbody class=\"rest\">"));
  EXPECT_EQ(15u, count(rest, "<tr><th scope=\"row\""));
  EXPECT_NE(std::string::npos, out.find("Show 15 more rows"));
  EXPECT_NE(std::string::npos, out.find("980 more rows are left out.")) << out;
}

TEST(Html, RowsLeftOutBeforeCountToo) {
  Table table = many_rows(3);
  table.keep_first(2);
  EXPECT_NE(std::string::npos, draw(table).find("1 more row is left out."));
  EXPECT_EQ(std::string::npos, draw(many_rows(3)).find("left out"));
}

TEST(Html, ATableHasRoomForItsBytesOnly) {
  // Bytes that are replaced take three each, and so does nothing else more.
  for (const std::string_view text : {"main.f"sv, "&&&&&&&&&&&&&&&&"sv, "\xff\xff\xff\xff\xff"sv}) {
    for (const std::size_t bytes : {5'000u, 20'000u, 100'000u}) {
      const std::string out = draw(many_rows(100'000, text), {.most = 100'000, .bytes = bytes});
      EXPECT_LE(out.size(), bytes);
      EXPECT_GE(out.size(), bytes / 2);
      EXPECT_NE(std::string::npos, out.find("more rows are left out."));
    }
  }
}

TEST(Html, LongTextsAreCutBetweenRunes) {
  std::string name;
  for (int i = 0; i < 1000; ++i) name += "é";
  Table table = many_rows(1, name);
  const std::string out = draw(table);
  EXPECT_LT(out.size(), 3000u);
  EXPECT_EQ(std::string::npos, out.find("\ufffd")) << out;
  EXPECT_NE(std::string::npos, out.find("é…é"));
}

TEST(Html, EvidenceIsACommandAndAStack) {
  Table table = many_rows(2);
  table.add_row().goroutine(GoID{17}).range(5, 9).stack("main.f<int> at main.go:7\nmain.main");
  const std::string out = draw(table, {.command = [](const Evidence& evidence) {
                                 return fmt::format("look --at {} <file>", evidence.range->begin);
                               }});
  EXPECT_NE(std::string::npos,
            out.find("<td class=\"evidence\"><details><summary>stack</summary><code>look --at 5 "
                     "&lt;file&gt;</code><pre>main.f&lt;int&gt; at main.go:7\nmain.main</pre>"
                     "</details></td></tr>"))
      << out;
  EXPECT_EQ(2u, count(out, "<td class=\"evidence\"></td></tr>"));
}

TEST(Html, BarsAreAsLongAsTheirShareOfTheGreatest) {
  Table table("steps", "Steps", "");
  const auto share = table.add_bar("share", "Share", "");
  table.add_row().set(share, 20.0);
  table.add_row().set(share, 40.0);
  table.add_row().set(share, 0.0);
  const std::string out = draw(table);
  EXPECT_NE(std::string::npos, out.find("<td class=\"bar\" style=\"--bar-length:50.0%\""));
  EXPECT_NE(std::string::npos, out.find("<td class=\"bar\" style=\"--bar-length:100.0%\""));
  EXPECT_NE(std::string::npos, out.find("<td class=\"bar\" style=\"--bar-length:0.0%\""));
}

Chart chart(std::vector<double> values) {
  return {"heap",   "Heap <used>", "What is used.", ColumnType::Real,
          "things", 1'000'000'000, 1'010'000'000,   std::move(values)};
}

std::string draw(const Chart& chart) {
  std::string out;
  draw_html(out, chart, {.time_origin = 1'000'000'000});
  return out;
}

TEST(HtmlChart, StepsWithAxes) {
  const std::string out = draw(chart({0, 2, 4, 1}));
  EXPECT_NE(std::string::npos, out.find("<path class=\"line\" d=\"M0 1000h1V500h1V0h1V750h1\"/>"))
      << out;
  EXPECT_NE(std::string::npos,
            out.find("<path class=\"area\" d=\"M0 1000V1000h1V500h1V0h1V750h1V1000Z\"/>"))
      << out;
  EXPECT_NE(std::string::npos, out.find("<span style=\"top:25%\">3</span>")) << out;
  EXPECT_NE(std::string::npos, out.find("<span style=\"left:40%\">4ms</span>")) << out;
  EXPECT_NE(std::string::npos, out.find("data-values=\"0|2|4|1\" data-begin=\"0\" "
                                        "data-end=\"10000000\" data-unit=\"things\""))
      << out;
  EXPECT_NE(std::string::npos, out.find("aria-label=\"Heap &lt;used&gt;: 0 to 4 things\"")) << out;
}

TEST(HtmlChart, WhatIsNotKnownIsAGap) {
  const std::string out = draw(chart({1, kNoReal, 1}));
  EXPECT_NE(std::string::npos, out.find("<path class=\"line\" d=\"M0 0h1M2 0h1\"/>")) << out;
  EXPECT_NE(std::string::npos, out.find("data-values=\"1||1\"")) << out;
}

TEST(HtmlChart, AnyValuesAreDrawn) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& values : std::vector<std::vector<double>>{
           {}, {0, 0}, {kNoReal}, {-3, 5}, {kInfinity, 1}, {1e300, -1e300}, {1e-300}}) {
    const std::string out = draw(chart(values));
    EXPECT_EQ(1u, count(out, "</figure>"));
    const std::string_view picture = std::string_view(out).substr(out.find("<path class=\"area\""));
    EXPECT_EQ(std::string::npos, picture.substr(0, picture.find("</svg>")).find("nan"));
    EXPECT_EQ(std::string::npos, picture.substr(0, picture.find("</svg>")).find("inf"));
  }
}

TEST(HtmlChart, ManyValuesTakeLittle) {
  std::vector<double> values(1'000'000, 1.0);
  values[777'777] = 1234.5;
  const std::string out = draw(chart(values));
  EXPECT_LT(out.size(), 30'000u);
  EXPECT_NE(std::string::npos, out.find("1 to 1,23")) << out.substr(0, 500);
}

TEST(HtmlPage, LoadsNothing) {
  std::string out;
  begin_html_page(out, "a<b>");
  end_html_page(out);
  EXPECT_NE(std::string::npos, out.find("<title>a&lt;b&gt;</title>"));
  EXPECT_NE(std::string::npos, out.find("content=\"default-src 'none'; "));
  EXPECT_EQ(std::string::npos, out.find("//"));
  EXPECT_EQ(std::string::npos, out.find("src="));
  EXPECT_EQ(std::string::npos, out.find("url("));
  EXPECT_EQ(std::string::npos, out.find("@import"));
}

}  // namespace
}  // namespace marey::table
