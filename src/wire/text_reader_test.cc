// SPDX-License-Identifier: Apache-2.0
#include "src/wire/text_reader.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/base/test_files.h"

namespace marey::wire {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string message_of(std::string_view text) {
  const Result<Bytes> trace = read_text_trace(text);
  return trace ? "" : trace.error().message;
}

/// A folder of the Go project's own test data, if it lies beside the repository.
fs::path shared(std::string_view folder) {
  return base::test_file("../shared/go-testdata") / folder;
}

std::vector<fs::path> files_in(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(TextReader, ReadsAllForms) {
  const Result<Bytes> trace = read_text_trace(
      "# a comment\n"
      "\tTrace   Go1.26 # and another\n\n"
      "EventBatch gen=1 m=18446744073709551615 time=300 size=4\r\n"
      "Strings\n"
      "String id=5\n\tdata=\"a#\\x00\\\"\"\n"
      "String id=6\n"
      "String id=7\n  data = \"\"\n"
      "Stack id=5 nframes=2\n\tpc=1 func=3 file=6 line=4\n\n\tpc=5 func=6 file=7 line=8\n"
      "GoStart dt=1 g=2 g_seq=3");
  ASSERT_TRUE(trace.has_value()) << trace.error().message;
  EXPECT_EQ(text_of(*trace),
            std::string("go 1.26 trace\0\0\0"
                        "\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xac\x02\x04"
                        "\x04"
                        "\x05\x05\x04"
                        "a#\0\""
                        "\x05\x06\x00"
                        "\x05\x07\x00"
                        "\x03\x05\x02\x01\x03\x06\x04\x05\x06\x07\x08"
                        "\x10\x01\x02\x03",
                        16 + 15 + 1 + 7 + 3 + 3 + 11 + 4));
}

TEST(TextReader, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(message_of(""), "line 0: failed to parse header");
  EXPECT_EQ(message_of("Trace 1.22"), "line 1: failed to parse header Go version");
  EXPECT_EQ(message_of("Trace Go1.99"), "line 1: unknown or unsupported Go version 1.99");
  EXPECT_EQ(message_of("Trace Go1.21"), "line 1: unknown or unsupported Go version 1.21");
  EXPECT_EQ(message_of("Trace Go1.22 x"), "line 1: unexpected x at the end of the line");
  EXPECT_EQ(message_of("Trace Go1.22\n\nGoSwitch dt=1"), "line 3: unidentified event: GoSwitch");
  EXPECT_EQ(message_of("Trace Go1.22\nGoStart dt=1 g=2"), "line 2: no argument g_seq");
  EXPECT_EQ(message_of("Trace Go1.22\nGoStart dt=1 p=2"), "line 2: expected argument g, but got p");
  EXPECT_EQ(message_of("Trace Go1.22\nGoStart dt"), "line 2: malformed argument: dt");
  EXPECT_EQ(message_of("Trace Go1.22\nProcStop dt=-1"),
            "line 2: failed to parse the value of argument dt");
  EXPECT_EQ(message_of("Trace Go1.22\nProcStop dt=18446744073709551616"),
            "line 2: failed to parse the value of argument dt");
  EXPECT_EQ(message_of("Trace Go1.22\nStack id=1 nframes=18446744073709551615"),
            "line 2: unexpected EOF while reading stack");
  EXPECT_EQ(message_of("Trace Go1.22\nString id=1\ndata=\"x"),
            "line 3: failed to parse data: invalid syntax");
}

TEST(TextReader, ReadsTestArchives) {
  const Result<TextTest> good =
      read_text_test("-- expect --\nSUCCESS\n-- trace --\nTrace Go1.23\n");
  ASSERT_TRUE(good.has_value()) << good.error().message;
  EXPECT_TRUE(good->success);
  EXPECT_EQ(good->trace.size(), 16u);
  const Result<TextTest> bad =
      read_text_test("-- expect --\nFAILURE \"a\\\"b.*\"\n-- trace --\nTrace Go1.23");
  ASSERT_TRUE(bad.has_value()) << bad.error().message;
  EXPECT_FALSE(bad->success);
  EXPECT_EQ(bad->message, "a\"b.*");
  EXPECT_FALSE(read_text_test("-- trace --\nTrace Go1.23\n").has_value());
  EXPECT_FALSE(read_text_test("-- expect --\nPERHAPS\n-- trace --\nTrace Go1.23\n").has_value());
}

TEST(TextReader, ReadsFuzzInputs) {
  EXPECT_EQ(read_fuzz_input("go test fuzz v1\n[]byte(\"a\\xff\\u00e9\\n\")\n").value_or(""),
            "a\xff\u00e9\n");
  EXPECT_FALSE(read_fuzz_input("go test fuzz v2\n[]byte(\"a\")").has_value());
  EXPECT_FALSE(read_fuzz_input("go test fuzz v1\nint(5)").has_value());
}

// The binary forms were made from the texts by Go's own writer.
TEST(TextReader, MakesTheBytesThatGoMakes) {
  const std::vector<fs::path> tests = files_in(shared("tests"), ".test");
  if (tests.empty()) GTEST_SKIP() << "the Go project's test data is not beside the repository";
  for (const fs::path& path : tests) {
    const Result<TextTest> test = read_text_test(read(path));
    ASSERT_TRUE(test.has_value()) << path << ": " << test.error().message;
    const std::string expected = read(shared("bin") / (path.stem().string() + ".trace"));
    EXPECT_FALSE(expected.empty()) << path;
    EXPECT_TRUE(text_of(test->trace) == expected) << path;
  }
  for (const fs::path& path : files_in(shared("fuzz"), "")) {
    const Result<std::string> input = read_fuzz_input(read(path));
    ASSERT_TRUE(input.has_value()) << path;
    EXPECT_TRUE(*input == read(shared("bin") / ("fuzz-" + path.filename().string() + ".trace")))
        << path;
  }
  const Result<Bytes> command = read_text_trace(read(shared("cmd-trace") / "go122.test"));
  ASSERT_TRUE(command.has_value()) << command.error().message;
  EXPECT_TRUE(text_of(*command) == read(shared("bin") / "cmd-trace-go122.trace"));
}

}  // namespace
}  // namespace marey::wire
