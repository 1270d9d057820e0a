// SPDX-License-Identifier: Apache-2.0
#include "src/table/table.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace marey::table {
namespace {

std::vector<std::int64_t> list(std::span<const std::int64_t> values) {
  return {values.begin(), values.end()};
}

TEST(Table, NumbersThatAreTooGreatForACellAreTheGreatest) {
  Table table("sizes", "Sizes", "");
  const auto size = table.add_bytes("size", "Size", "");
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  for (const std::uint64_t value : {kHalf - 1, kHalf, kHalf + 1, ~std::uint64_t{0}}) {
    table.add_row().set(size, value);
  }
  for (const std::int64_t value : table.values(size)) {
    EXPECT_EQ(std::numeric_limits<std::int64_t>::max(), value);
  }
  table.add_row().set(size, -7);
  EXPECT_EQ(-7, table.values(size).back());
}

TEST(Table, FindsColumnsByNameAndTitle) {
  Table table("wakes", "Wakes", "Who wakes whom.");
  table.add_text("blocked", "Blocked in", "");
  table.add_duration("blocked_time", "Blocked", "");
  table.add_duration("total", "Total", "");
  const auto name_of = [&](std::string_view word) {
    const Column* const column = table.find_column(word);
    return column == nullptr ? "" : column->name;
  };
  EXPECT_EQ("total", name_of("total"));
  EXPECT_EQ("total", name_of("TOTAL"));
  EXPECT_EQ("blocked", name_of("blocked in"));
  EXPECT_EQ("blocked_time", name_of("blocked"));  // a number rather than a text
  EXPECT_EQ("", name_of("block"));
  EXPECT_EQ("", name_of(""));
}

TEST(Table, HoldsWhatItIsGiven) {
  Table table("things", "Things", "All things.");
  const auto name = table.add_text("name", "Name", "What it is called.");
  const auto count = table.add_count("count", "Count", "How many.", "things");
  const auto share = table.add_percent("share", "Share", "Of all.");
  const auto who = table.add_id("goroutine", "Goroutine", "Whose.", "goroutine");
  table.add_row().set(name, "a").set(count, 3u).set(share, 12.5).set(who, GoID{7});
  table.add_row().set(who, kNoGoroutine);
  table.add_row().set(count, std::uint8_t{4}).set(who, ProcID{0});

  EXPECT_EQ("things", table.id());
  ASSERT_EQ(4u, table.columns().size());
  EXPECT_EQ("count", table.columns()[1].name);
  EXPECT_EQ("things", table.columns()[1].unit);
  EXPECT_EQ(ColumnType::Percent, table.columns()[2].type);
  EXPECT_EQ("percent", table.columns()[2].unit);
  ASSERT_EQ(3u, table.row_count());
  EXPECT_EQ(Value(std::string_view("a")), table.value(0, 0));
  EXPECT_EQ(Value(std::int64_t{3}), table.value(1, 0));
  EXPECT_EQ(Value(12.5), table.value(2, 0));
  EXPECT_EQ(Value(std::int64_t{7}), table.value(3, 0));
  EXPECT_EQ(Value(std::string_view("")), table.value(0, 1));
  for (std::size_t c = 1; c < 4; ++c) EXPECT_EQ(Value(), table.value(c, 1)) << c;
  EXPECT_EQ(Value(std::int64_t{0}), table.value(3, 2));
  EXPECT_EQ((std::vector<std::int64_t>{3, kNoInteger, 4}), list(table.values(count)));
  EXPECT_EQ("a", table.values(name)[0]);
  EXPECT_EQ(12.5, table.values(share)[0]);
}

TEST(Table, RowsCarryEvidence) {
  Table table("things", "Things", "");
  const auto n = table.add_int("n", "n", "");
  table.add_row().set(n, 2);
  table.add_row().set(n, 3).range(100, 200).goroutine(GoID{5}).stack("main.main");
  table.add_row().set(n, 1).range(7, 7);
  table.add_row().set(n, 4);
  EXPECT_TRUE(table.evidence(0).empty());
  EXPECT_TRUE(table.evidence(3).empty());

  table.sort_by(n, Order::Ascending);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3, 4}), list(table.values(n)));
  EXPECT_EQ(7, table.evidence(0).range->begin);
  EXPECT_TRUE(table.evidence(1).empty());
  const Evidence evidence = table.evidence(2);
  EXPECT_EQ(100, evidence.range->begin);
  EXPECT_EQ(200, evidence.range->end);
  EXPECT_EQ(GoID{5}, evidence.goroutine);
  EXPECT_EQ("main.main", evidence.stack);
  EXPECT_TRUE(table.evidence(3).empty());
}

TEST(Table, SortsStablyWithNothingLast) {
  Table table("things", "Things", "");
  const auto key = table.add_duration("key", "Key", "");
  const auto position = table.add_int("position", "Position", "");
  const std::vector<std::int64_t> keys = {5, kNoInteger, 3, 5, -1, kNoInteger, 3};
  for (std::size_t i = 0; i < keys.size(); ++i) table.add_row().set(key, keys[i]).set(position, i);
  table.sort_by(key, Order::Ascending);
  EXPECT_EQ((std::vector<std::int64_t>{4, 2, 6, 0, 3, 1, 5}), list(table.values(position)));
  table.sort_by(key, Order::Descending);
  EXPECT_EQ((std::vector<std::int64_t>{0, 3, 2, 6, 4, 1, 5}), list(table.values(position)));
  EXPECT_EQ(0u, table.omitted_rows());
}

TEST(Table, SortsTextAndReals) {
  Table table("things", "Things", "");
  const auto text = table.add_text("text", "Text", "");
  const auto real = table.add_real("real", "Real", "", "things/s");
  table.add_row().set(text, "b").set(real, 2.5);
  table.add_row().set(text, "").set(real, kNoReal);
  table.add_row().set(text, "a\xff").set(real, -1.0);
  table.sort_by(text, Order::Ascending);
  EXPECT_EQ("a\xff", table.values(text)[0]);
  EXPECT_EQ("", table.values(text)[2]);
  table.sort_by(real, Order::Descending);
  EXPECT_EQ("b", table.values(text)[0]);
  EXPECT_EQ("", table.values(text)[2]);
}

TEST(Table, RowsCanBePutLast) {
  Table table("t", "", "");
  const auto text = table.add_text("text", "Text", "");
  const auto count = table.add_count("count", "Count", "", "things");
  for (const std::uint64_t n : {3u, 1u, 4u, 2u}) {
    table.add_row().set(text, n % 2 == 0 ? "even" : "odd").set(count, n).goroutine(GoID{7});
  }
  table.put_last(text, [](std::string_view name) { return name == "odd"; });
  EXPECT_EQ(list(table.values(count)), (std::vector<std::int64_t>{4, 2, 3, 1}));
  EXPECT_EQ(table.omitted_rows(), 0U);
}

TEST(Table, TopIsTheBeginningOfSorted) {
  std::mt19937 random(1);
  for (const std::size_t keep : {0u, 1u, 10u, 99u, 100u, 1000u}) {
    Table sorted("things", "Things", "");
    const auto key = sorted.add_count("key", "Key", "");
    const auto position = sorted.add_int("position", "Position", "");
    const auto text = sorted.add_text("text", "Text", "");
    for (int i = 0; i < 100; ++i) {
      auto row = sorted.add_row();
      row.set(key, random() % 20).set(position, i).set(text, std::to_string(i));
      if (i % 3 == 0) row.goroutine(GoID{i});
    }
    Table top = sorted;
    sorted.sort_by(key, Order::Descending);
    top.keep_top(key, keep);
    const std::size_t kept = std::min(keep, std::size_t{100});
    ASSERT_EQ(kept, top.row_count());
    EXPECT_EQ(100 - kept, top.omitted_rows());
    for (std::size_t row = 0; row < kept; ++row) {
      EXPECT_EQ(sorted.value(1, row), top.value(1, row));
      EXPECT_EQ(sorted.value(2, row), top.value(2, row));
      EXPECT_EQ(sorted.evidence(row).goroutine, top.evidence(row).goroutine);
    }
    sorted.keep_first(keep);
    EXPECT_EQ(kept, sorted.row_count());
    EXPECT_EQ(list(sorted.values(position)), list(top.values(position)));
  }
}

}  // namespace
}  // namespace marey::table
