// SPDX-License-Identifier: Apache-2.0
#include "src/table/json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "src/table/csv.h"

namespace marey::table {
namespace {

using namespace std::string_view_literals;

Table sample() {
  Table table("things", "Things", "All \"things\".");
  const auto name = table.add_text("name", "Name", "What it is called.");
  const auto total = table.add_duration("total", "Total", "How long.");
  const auto share = table.add_percent("share", "Share", "Of all.");
  table.add_row().set(name, "a,\"b\"\r\n\0\x1b\xff"sv).set(total, -5).set(share, 0.1);
  table.add_row().set(name, "é").goroutine(GoID{7}).range(1, 1LL << 60).stack("main.f\n");
  table.add_row();
  return table;
}

TEST(Json, SchemaWithStableOrder) {
  Table table = sample();
  table.keep_first(2);
  std::string out;
  base::JsonWriter json(out);
  write_json(json, table);
  EXPECT_EQ(
      R"({"id":"things","title":"Things","help":"All \"things\".","columns":[)"
      R"({"name":"name","title":"Name","type":"text","unit":"","help":"What it is called."},)"
      R"({"name":"total","title":"Total","type":"duration","unit":"ns","help":"How long."},)"
      R"({"name":"share","title":"Share","type":"percent","unit":"percent","help":"Of all."}],)"
      R"("rows":[{"name":"a,\"b\"\r\n\u0000\u001b)"
      "\ufffd"
      R"(","total":-5,"share":0.1},)"
      R"({"name":"é","total":null,"share":null,"evidence":)"
      R"({"begin":1,"end":1152921504606846976,"goroutine":7,"stack":"main.f\n"}}],"omitted_rows":1})",
      out);
}

TEST(Json, AnotherParserTakesIt) {
  std::string out;
  base::JsonWriter json(out);
  write_json(json, sample());
  const nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded()) << out;
  EXPECT_EQ(3u, parsed["rows"].size());
  EXPECT_EQ(1LL << 60, parsed["rows"][1]["evidence"]["end"]);
  EXPECT_EQ("", parsed["rows"][2]["name"]);
}

TEST(Csv, QuotesWhatNeedsIt) {
  std::string out;
  write_csv(out, sample());
  EXPECT_EQ("name,total,share\r\n\"a,\"\"b\"\"\r\n\0\x1b\ufffd\",-5,0.1\r\né,,\r\n,,\r\n"sv, out);
}

}  // namespace
}  // namespace marey::table
