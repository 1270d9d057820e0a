// SPDX-License-Identifier: Apache-2.0
#include "src/source/known_formats.h"

#include <gtest/gtest.h>
#include <span>
#include <string>
#include <string_view>

namespace marey::source {
namespace {

using namespace std::string_view_literals;

std::string describe(std::string_view front) {
  return describe_front(std::as_bytes(std::span(front)));
}

TEST(KnownFormats, AreNamed) {
  EXPECT_EQ(describe(""), "the file is empty");
  EXPECT_TRUE(describe("\x1f\x8b\x08\x00"sv).contains("compressed twice"));
  EXPECT_TRUE(describe("\x28\xb5\x2f\xfd"sv).contains("compressed twice"));
  EXPECT_TRUE(describe("\xfd"
                       "7zXZ\0\0"sv)
                  .starts_with("an xz file"));
  EXPECT_TRUE(describe("BZh91AY").starts_with("a bzip2 file"));
  EXPECT_TRUE(describe("PK\x03\x04\x14\0"sv).starts_with("a zip archive"));
  EXPECT_TRUE(describe("\x7f"
                       "ELF\x02")
                  .contains("ELF"));
  EXPECT_TRUE(describe("%PDF-1.7").starts_with("a PDF document, first bytes 25 50"));
  EXPECT_TRUE(describe("<!DOCTYPE html>\n<html>").starts_with("an HTML page, "));
  EXPECT_TRUE(describe("\n <html lang=\"en\">").starts_with("an HTML page, "));
  EXPECT_TRUE(describe("\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04").contains("pprof"));
}

TEST(KnownFormats, TextIsQuoted) {
  EXPECT_EQ(describe("404 page not found\n"),
            "text that begins with '404 page not found', first bytes 34 30 34 20 70 61 67 65");
  EXPECT_EQ(describe("\n\nUnauthorized\r\nmore"),
            "text that begins with 'Unauthorized', first bytes 0a 0a 55 6e 61 75 74 68");
  EXPECT_EQ(describe(std::string(1000, 'x')), "text that begins with '" +
                                                  std::string(kFrontLength, 'x') +
                                                  "', first bytes 78 78 78 78 78 78 78 78");
}

TEST(KnownFormats, OtherBytesAreNotQuoted) {
  EXPECT_EQ(describe("abc\x1b[31m"), "first bytes 61 62 63 1b 5b 33 31 6d");
  EXPECT_EQ(describe("\0\x01"sv), "first bytes 00 01");
  EXPECT_EQ(describe(" \n"), "first bytes 20 0a");
  EXPECT_EQ(describe("\xff"), "first bytes ff");
}

}  // namespace
}  // namespace marey::source
