// SPDX-License-Identifier: Apache-2.0
#include "src/table/chart.h"

#include <gtest/gtest.h>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "src/table/display_width.h"

namespace marey::table {
namespace {

Chart sample(std::vector<double> values) {
  return {.id = "threads",
          .title = "Threads in use",
          .help = "",
          .type = ColumnType::Count,
          .unit = "threads",
          .begin = 1'000'000'000,
          .end = 3'500'000'000,
          .values = std::move(values)};
}

std::string draw(const Chart& chart, const ChartOptions& options) {
  std::string out;
  draw_chart(out, chart, options);
  return out;
}

TEST(Chart, OneLine) {
  EXPECT_EQ(
      "Threads in use\n"
      "16 ▁▂▃▄▅▆▇█▁ ▄\n"
      "   1.000000s\n",
      draw(sample({2, 4, 6, 8, 10, 12, 14, 16, 0.001, 0, 8}), {.width = 14}));
}

TEST(Chart, SeveralLinesWithAxis) {
  EXPECT_EQ(
      "Threads in use\n"
      "8          ████\n"
      "       ▄▄▄▄████\n"
      "0 ▁▁▁▁▁████████        ████\n"
      "  0.000000s       2.500000s\n",
      draw(sample({0.1, 4, 8, 0, std::numeric_limits<double>::quiet_NaN(), 8. / 3}),
           {.width = 27, .height = 3, .time_origin = 1'000'000'000}));
}

TEST(Chart, AsciiAndColour) {
  EXPECT_EQ(
      "Threads in use\n"
      "3 ....::::####\n"
      "  1.000000s\n",
      draw(sample({1, 2, 3}), {.ascii = true, .width = 14}));
  EXPECT_EQ(
      "\x1b[1mThreads in use\x1b[0m\n"
      "\x1b[2m3\x1b[0m\x1b[36m ▃▃▃▃▅▅▅▅████\x1b[0m\n"
      "\x1b[2m  1.000000s\x1b[0m\n",
      draw(sample({1, 2, 3}), {.color = true, .width = 14}));
}

TEST(Chart, ShortPeaksDoNotVanish) {
  std::vector<double> values(100'000, 0);
  values[77'777] = 1'000'000;
  values[11'111] = 1;
  const std::string out = draw(sample(values), {.width = 60});
  EXPECT_NE(std::string::npos, out.find("█"));
  EXPECT_NE(std::string::npos, out.find("▁"));
}

TEST(Chart, LabelsFollowTheType) {
  Chart chart = sample({0, 3.0 * 1024 * 1024});
  chart.type = ColumnType::Bytes;
  EXPECT_NE(std::string::npos, draw(chart, {}).find("\n3 MiB "));
  chart.type = ColumnType::Duration;
  EXPECT_NE(std::string::npos, draw(chart, {}).find("\n3.15ms "));
  chart.values = {0.5};
  chart.type = ColumnType::Count;
  EXPECT_NE(std::string::npos, draw(chart, {}).find("\n0.5 "));
  chart.type = ColumnType::Percent;
  EXPECT_NE(std::string::npos, draw(chart, {}).find("\n0.5% "));
}

TEST(Chart, OddValuesAreSurvived) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& values :
       {std::vector<double>{}, {-5}, {kNoReal}, {kInfinity, 1, -kInfinity}, {1e308, 5e-324}, {0}}) {
    for (const std::size_t width : {0u, 1u, 13u, 200u}) {
      for (const std::size_t height : {0u, 1u, 4u}) {
        const std::string out = draw(sample(values), {.width = width, .height = height});
        std::istringstream lines(out);
        std::size_t count = 0;
        for (std::string line; std::getline(lines, line); ++count) {
          EXPECT_LE(display_width(line), std::max<std::size_t>(width, 22)) << line;
        }
        EXPECT_EQ(std::max<std::size_t>(height, 1) + 2, count);
      }
    }
  }
}

TEST(Chart, Json) {
  std::string out;
  base::JsonWriter json(out);
  write_json(json, sample({1, 2.5, kNoReal}));
  EXPECT_EQ(R"({"id":"threads","title":"Threads in use","help":"","type":"count","unit":"threads",)"
            R"("begin":1000000000,"end":3500000000,"values":[1,2.5,null]})",
            out);
}

}  // namespace
}  // namespace marey::table
