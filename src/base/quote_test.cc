// SPDX-License-Identifier: Apache-2.0
#include "src/base/quote.h"

#include <cstdint>
#include <cstdio>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "src/base/test_files.h"
#include "src/base/utf8.h"

namespace marey::base {
namespace {

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// The golden file is Go's word; src/base/testdata/quote_golden.go makes it.
TEST(Quote, AgreesWithGo) {
  std::istringstream golden(read_test_file("src/base/testdata/quote_golden.txt"));
  int quotes = 0, unquotes = 0, rune_hashes = 0;
  std::string line;
  while (std::getline(golden, line)) {
    const std::size_t a = line.find(' ');
    const std::string what = line.substr(0, a);
    if (what == "runes") {
      std::uint64_t hash = 14695981039346656037u;
      std::string out;
      for (char32_t rune = 0; rune <= 0x10ffff; ++rune) {
        std::string text;
        append_rune(text, rune);
        out.clear();
        append_go_quoted(out, text);
        out.push_back('\n');
        for (const char c : out) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
      }
      char hex[17];
      std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash));
      EXPECT_EQ(line.substr(a + 1), hex);
      ++rune_hashes;
      continue;
    }
    const std::size_t b = line.find(' ', a + 1);
    const std::string bytes = from_hex(line.substr(a + 1, b - a - 1));
    const std::string expected = line.substr(b + 1);
    if (what == "quote") {
      EXPECT_EQ(expected, go_quoted(bytes));
      EXPECT_EQ(bytes, unquote_go(expected).value_or("(error)")) << expected;
      ++quotes;
    } else {
      ASSERT_EQ("unquote", what);
      const Result<std::string> got = unquote_go(bytes);
      EXPECT_EQ(expected == "error", !got.has_value()) << bytes;
      if (got && expected != "error") {
        EXPECT_EQ(from_hex(expected.substr(1)), *got) << bytes;
      }
      ++unquotes;
    }
  }
  EXPECT_EQ(1, rune_hashes);
  EXPECT_GT(quotes, 500);
  EXPECT_GT(unquotes, 500);
}

TEST(Quote, AppendsToWhatIsThere) {
  std::string out = "x=";
  append_go_quoted(out, std::string_view("a\"\0\xff", 4));
  EXPECT_EQ(R"(x="a\"\x00\xff")", out);
}

TEST(Quote, UnquoteWantsOneWholeLiteral) {
  EXPECT_EQ("invalid syntax", unquote_go("").error().message);
  EXPECT_FALSE(unquote_go("\"").has_value());
  EXPECT_FALSE(unquote_go("`raw`").has_value());
  EXPECT_FALSE(unquote_go("'a'").has_value());
  EXPECT_FALSE(unquote_go("\"a\" ").has_value());
  EXPECT_EQ("", unquote_go("\"\"").value_or("(error)"));
}

TEST(Quote, EscapedIsSafeOnATerminal) {
  std::string out;
  append_escaped(out, "\x1b[31m \"é\\\" \xff\n\u202e");
  EXPECT_EQ("\\x1b[31m \"é\\\" \\xff\\n\\u202e", out);
}

TEST(Quote, ShellWordsAreQuotedWhereNeeded) {
  for (const std::string_view plain : {"trace.out", "../a-b/c_d%2.trace", "été.trace", "C:x,y+z@w"})
    EXPECT_EQ(plain, shell_word(plain));
  EXPECT_EQ("'my trace.out'", shell_word("my trace.out"));
  EXPECT_EQ("'it'\\''s'", shell_word("it's"));
  EXPECT_EQ("''", shell_word(""));
  for (const std::string_view special :
       {"~a", "$a", "a*", "a?", "a;b", "a&b", "(a)", "a\"b", "a\\b", "#a", "a=b", "!a", "{a}",
        "[a]", "a|b", "<a", "`a`", "a\nb"})
    EXPECT_EQ(shell_quoted(special), shell_word(special));
}

TEST(Utf8, InvalidBytesBecomeReplacements) {
  std::string out;
  append_valid_utf8(out, "a\xff\xe2\x82z\u20ac");
  EXPECT_EQ("a\ufffd\ufffd\ufffdz\u20ac", out);
  EXPECT_TRUE(decode_rune("\ufffd").valid);
  EXPECT_FALSE(decode_rune("\xed\xa0\x80").valid);
}

}  // namespace
}  // namespace marey::base
