// SPDX-License-Identifier: Apache-2.0
#include "src/table/paragraph.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "src/table/ansi.h"

namespace marey::table {
namespace {

using Lines = std::vector<std::string>;

std::string paragraph(std::string head, const ParagraphPlace& place, std::string_view text,
                      std::string_view color = {}) {
  append_paragraph(head, text, place, color);
  return head;
}

TEST(Paragraph, BreaksBetweenWords) {
  EXPECT_EQ(break_lines("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(break_lines("one two three", 6), (Lines{"one", "two", "three"}));
  EXPECT_EQ(break_lines("one two", 100), (Lines{"one two"}));
}

TEST(Paragraph, WordsThatAreTooLongStandAlone) {
  EXPECT_EQ(break_lines("a incomprehensible b", 5), (Lines{"a", "incomprehensible", "b"}));
  EXPECT_EQ(break_lines("one two", 0), (Lines{"one", "two"}));
}

TEST(Paragraph, CountsColumnsAndNotBytes) {
  EXPECT_EQ(break_lines("αβγ δεζ", 7), (Lines{"αβγ δεζ"}));
  EXPECT_EQ(break_lines("世界 世界", 8), (Lines{"世界", "世界"}));
}

TEST(Paragraph, GoesOnFromWhereTheLineStands) {
  EXPECT_EQ(paragraph("name: ", {.at = 6, .indent = 2, .width = 11}, "what it is for"),
            "name: what\n  it is for\n");
  // There is no room for the first word; it stands where it must all the same.
  EXPECT_EQ(paragraph("long name: ", {.at = 11, .indent = 2, .width = 11}, "what it is"),
            "long name: what\n  it is\n");
}

TEST(Paragraph, FillsUpToTheIndent) {
  EXPECT_EQ(paragraph("-h", {.at = 2, .indent = 5, .width = 10}, "show this help"),
            "-h   show\n     this\n     help\n");
}

TEST(Paragraph, WithoutAWidthIsOneLine) {
  EXPECT_EQ(paragraph("", {}, "one two three"), "one two three\n");
  EXPECT_EQ(paragraph("", {.at = 0, .indent = 2, .width = 0}, "one two"), "  one two\n");
}

TEST(Paragraph, ColoursEachLineAndNoBlanksBeforeIt) {
  EXPECT_EQ(paragraph("", {.at = 0, .indent = 1, .width = 4}, "one two", kRed),
            " \x1b[31mone\x1b[0m\n \x1b[31mtwo\x1b[0m\n");
}

TEST(Paragraph, AnEmptyTextIsAnEmptyLine) { EXPECT_EQ(paragraph("", {.width = 10}, ""), "\n"); }

}  // namespace
}  // namespace marey::table
