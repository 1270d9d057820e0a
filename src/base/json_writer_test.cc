// SPDX-License-Identifier: Apache-2.0
#include "src/base/json_writer.h"

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <string_view>

#include "src/base/utf8.h"

namespace marey::base {

namespace {

using namespace std::string_view_literals;

TEST(JsonWriter, NestsAndSeparates) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("a", 1).field("b", "two").field("c", true);
  json.key("d").begin_array().value(1u).begin_object().end_object().null().begin_array();
  json.end_array().end_array();
  json.key("e").begin_object().field("f", 0.5).end_object();
  json.end_object();
  EXPECT_EQ(R"({"a":1,"b":"two","c":true,"d":[1,{},null,[]],"e":{"f":0.5}})", out);
}

TEST(JsonWriter, Numbers) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  json.value(std::numeric_limits<std::int64_t>::min());
  json.value(std::numeric_limits<std::uint64_t>::max());
  json.value(0.1).value(1e300).value(std::nan("")).value(-std::numeric_limits<double>::infinity());
  json.end_array();
  EXPECT_EQ("[-9223372036854775808,18446744073709551615,0.1,1e+300,null,null]", out);
}

TEST(JsonWriter, StringsAreValidWhateverTheBytes) {
  std::string out;
  JsonWriter(out).value("a\"\\/\b\f\n\r\t\v\0\x1f\x7f\xff\xe2\x82é\u2028😀"sv);
  EXPECT_EQ("\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u000b\\u0000\\u001f\\u007f\ufffd\ufffd\ufffdé\\u2028😀\"",
            out);
}

TEST(JsonWriter, EveryBytePairIsValidUtf8) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      std::string out;
      JsonWriter(out).value(std::string{static_cast<char>(a), static_cast<char>(b)});
      for (std::size_t i = 0; i < out.size();) {
        const Rune rune = decode_rune(std::string_view(out).substr(i));
        ASSERT_TRUE(rune.valid && rune.value >= 0x20) << a << " " << b;
        i += rune.width;
      }
    }
  }
}

TEST(JsonWriter, OutputMayBeFlushedOnTheWay) {
  std::string out;
  JsonWriter json(out);
  json.begin_array().value(1);
  EXPECT_EQ("[1", out);
  out.clear();
  json.value(2).end_array();
  EXPECT_EQ(",2]", out);
}

}  // namespace
}  // namespace marey::base
