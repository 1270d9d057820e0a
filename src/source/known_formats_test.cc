// SPDX-License-Identifier: Apache-2.0
#include "src/source/known_formats.h"

#include <array>
#include <cstddef>
#include <gtest/gtest.h>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "src/base/test_files.h"

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
  EXPECT_TRUE(
      describe("\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04").contains("a pprof profile"));
}

// The first bytes of profiles that Go 1.27 wrote, behind their gzip.
constexpr std::string_view kHeapProfile =
    "\x5a\x04\x08\x01\x10\x02\x60\x01\x0a\x04\x08\x03\x10\x04\x0a\x04"
    "\x08\x05\x10\x02\x0a\x04\x08\x06\x10\x04\x0a\x04\x08\x07\x10\x02"
    "\x22\x10\x08\x01\x18\x8f\xc7\xb4\x02\x22\x05\x08\x01\x10\x8a\x05"
    "\x10\x01\x2a\x0b\x08\x01\x10\x08\x18\x08\x20\x09\x28\xf4\x04\x22"sv;
constexpr std::string_view kGoroutineProfile =
    "\x5a\x04\x08\x01\x10\x02\x60\x01\x0a\x04\x08\x01\x10\x02\x22\x10"
    "\x08\x01\x18\x90\xa0\x90\x02\x22\x05\x08\x01\x10\xe0\x09\x10\x01"
    "\x2a\x0b\x08\x01\x10\x03\x18\x03\x20\x04\x28\xdb\x09\x22\x10\x08"
    "\x02\x18\x9c\xad\x9f\x02\x22\x05\x08\x02\x10\xd7\x09\x10\x01\x2a"sv;
constexpr std::string_view kCpuProfile =
    "\x48\xcf\xb3\xd5\xa2\x8b\x9c\x8d\xf5\x18\x0a\x04\x08\x01\x10\x02"
    "\x0a\x04\x08\x03\x10\x04\x50\xbe\x9e\xaf\x8f\x01\x5a\x04\x08\x03"
    "\x10\x04\x60\x80\xad\xe2\x04\x22\x1c\x08\x01\x18\x9a\xcd\xb9\x02"
    "\x22\x05\x08\x01\x10\xc6\x01\x22\x04\x08\x02\x10\x41\x22\x04\x08"sv;
constexpr std::string_view kThreadCreateProfile =
    "\x5a\x04\x08\x01\x10\x02\x60\x01\x0a\x04\x08\x01\x10\x02\x22\x11"
    "\x08\x01\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x22\x02\x08"
    "\x01\x2a\x02\x08\x01\x12\x24\x10\x04\x0a\x20\x01\x01\x01\x01\x01"
    "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"sv;
// The heap profile, written again by 'go tool pprof -proto'.
constexpr std::string_view kConvertedProfile =
    "\x0a\x04\x08\x01\x10\x02\x0a\x04\x08\x03\x10\x04\x0a\x04\x08\x05"
    "\x10\x02\x0a\x04\x08\x06\x10\x04\x12\x14\x0a\x05\x01\x02\x03\x04"
    "\x05\x12\x04\x00\x00\x00\x00\x1a\x05\x08\x04\x18\x80\x50\x12\x15"
    "\x0a\x04\x06\x07\x08\x05\x12\x06\x01\xd0\x01\x01\xd0\x01\x1a\x05"sv;
constexpr std::array kProfiles{kHeapProfile, kGoroutineProfile, kCpuProfile, kThreadCreateProfile,
                               kConvertedProfile};

TEST(KnownFormats, ProfilesOfGo) {
  for (const std::string_view profile : kProfiles) {
    EXPECT_EQ(describe(profile).substr(0, 15), "a pprof profile") << describe(profile);
  }
  // A front is only a prefix: wherever it ends behind two fields, it is one of a profile.
  for (std::size_t size = 8; size <= kHeapProfile.size(); size++) {
    EXPECT_TRUE(describe(kHeapProfile.substr(0, size)).starts_with("a pprof profile")) << size;
  }
  // A long message or table of strings is cut off.
  EXPECT_TRUE(describe("\x0a\x04\x08\x01\x10\x02\x12\xff\x01\x0a"sv).contains("a pprof profile"));
  // Numbers of a list in one piece or one by one; a unit that is left out.
  EXPECT_TRUE(describe("\x6a\x02\x05\x06\x68\x07\x0a\x02\x08\x01"sv).contains("a pprof profile"));
}

TEST(KnownFormats, NotProfiles) {
  const std::array fronts{
      "\x0a\x04\x08\x01\x10\x02"sv,                       // one field alone
      "\x60\x01\x70\x05\x48\x05"sv,                       // nothing is measured
      "\x0a\x04\x08\x01\x10\x02\x61\x01"sv,               // a field of a wrong wire type
      "\x0a\x04\x08\x01\x10\x02\x08\x01"sv,               // a sample type that is a number
      "\x0a\x04\x08\x01\x10\x02\x62\x7f"sv,               // a period that is cut-off text
      "\x0a\x04\x08\x01\x10\x02\x80\x01\x01"sv,           // a field 16
      "\x0a\x04\x08\x01\x10\x02\x00\x01"sv,               // a field 0
      "\x0a\x04\x08\x01\x1a\x00\x60\x01"sv,               // a sample type with a field 3
      "\x0a\x04\x08\x01\x10\x80\x60\x01"sv,               // a number beyond its message
      "\x0a\x04\x08\x01\x12\x05\x60\x01"sv,               // a text beyond its message
      "\x0a\x00\x60\x01"sv,                               // a sample type of nothing
      "\x5a\x7f\x08\x01"sv,                               // a period type of 127 bytes
      "\x0a\x04\x08\x01\x10\x02\x60\xff\xff\xff\xff\xff"  // a number of more than
      "\xff\xff\xff\xff\x7f"sv,                           // 64 bits
      "Hello, Prof. \x08\x01\x10\x02"sv,
      "Z\nHP"sv,
      "\n\n\n\n{\"a\": 1}\n"sv,
      "2 34 *\x08\x01"sv,
      "\x7f"
      "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"sv,
  };
  for (const std::string_view front : fronts) {
    EXPECT_FALSE(describe(front).contains("a pprof profile")) << describe(front);
  }
}

TEST(KnownFormats, TracesAreNoProfiles) {
  for (const char* name :
       {"testdata/traces/http-gens-1.27.trace", "testdata/traces/http-1.21.trace"}) {
    const std::string trace = base::read_test_file(name);
    ASSERT_GT(trace.size(), kFrontLength) << name;
    for (std::size_t begin = 0; begin < trace.size(); begin++) {
      const std::string front = describe(std::string_view(trace).substr(begin, kFrontLength));
      ASSERT_FALSE(front.contains("a pprof profile")) << name << " from " << begin << ": " << front;
    }
  }
}

TEST(KnownFormats, RandomBytesAreNoProfiles) {
  std::mt19937_64 random(1);  // NOLINT: the same bytes each time
  std::string bytes(kFrontLength, '\0');
  for (int i = 0; i < 100'000; i++) {
    for (char& c : bytes) c = static_cast<char>(random());
    ASSERT_FALSE(describe(bytes).contains("a pprof profile")) << describe(bytes);
  }
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
