// SPDX-License-Identifier: Apache-2.0
#include "src/export/wire_dump.h"

#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>
#include <vector>
#include <zstd.h>

#include "src/base/test_files.h"
#include "src/export/footprint.h"

namespace marey::exporting {
namespace {

// Small traces of every v2 header, and one that Go's dump refuses half-way.
const std::vector<std::string> kTraces{"http-1.22", "idle-1.23",      "idle-empty-1.25",
                                       "http-1.27", "allocfree-1.25", "allocfree-1.26",
                                       "names-1.22"};

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string decompress(const std::string& file) {
  std::string text;
  std::vector<char> block(ZSTD_DStreamOutSize());
  ZSTD_DStream* const stream = ZSTD_createDStream();
  ZSTD_inBuffer in{file.data(), file.size(), 0};
  std::size_t left = 1;
  while (left != 0 && in.pos < in.size) {
    ZSTD_outBuffer out{block.data(), block.size(), 0};
    left = ZSTD_decompressStream(stream, &out, &in);
    if (ZSTD_isError(left)) break;
    text.append(block.data(), out.pos);
  }
  ZSTD_freeDStream(stream);
  EXPECT_EQ(left, 0u);
  return text;
}

struct Golden {
  std::string text;
  std::string error;  ///< Go's last line of standard error
};

Golden golden(const std::string& trace, const std::string& output) {
  const std::string folder = "testdata/golden/" + trace + "/";
  Golden result{decompress(base::read_test_file(folder + output + ".zst")), ""};
  std::istringstream status(base::read_test_file(folder + "status.txt"));
  for (std::string name, code, message; std::getline(status, name, '\t');) {
    std::getline(status, code, '\t');
    std::getline(status, message);
    if (name == output) {
      EXPECT_EQ(code == "0", message.empty());
      result.error = message;
    }
  }
  return result;
}

std::string trace_bytes(const std::string& name) {
  const std::string bytes = base::read_test_file("testdata/traces/" + name + ".trace");
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

/// What a dump printed, and its error.
Golden dump(std::string_view trace, std::size_t piece_size) {
  Golden result;
  WireDump printer([&](std::string_view text) {
    result.text += text;
    return true;
  });
  Result<void> outcome;
  for (std::size_t i = 0; outcome && i < trace.size(); i += piece_size) {
    outcome = printer.feed(bytes_of(trace.substr(i, piece_size)));
  }
  if (outcome) outcome = printer.finish();
  if (!outcome) result.error = outcome.error().message;
  return result;
}

TEST(WireDump, IsGos) {
  for (const std::string& name : kTraces) {
    const Golden expected = golden(name, "wire.txt");
    const std::string trace = trace_bytes(name);
    for (const std::size_t piece_size : {trace.size(), std::size_t{4096}, std::size_t{13}}) {
      const Golden actual = dump(trace, piece_size);
      EXPECT_EQ(actual.error, expected.error) << name;
      EXPECT_TRUE(actual.text == expected.text) << name << ", pieces of " << piece_size;
    }
  }
}

TEST(WireDump, StopsWhenNobodyReads) {
  const std::string trace = trace_bytes("http-1.27");
  std::string many;
  while (many.size() < (std::size_t{1} << 20)) many += many.empty() ? trace : trace.substr(16);
  int calls = 0;
  WireDump printer([&](std::string_view) { return ++calls < 2; });
  EXPECT_TRUE(printer.feed(bytes_of(many)).has_value());
  EXPECT_TRUE(printer.finish().has_value());
  EXPECT_EQ(calls, 2);
}

TEST(Footprint, IsGos) {
  for (const std::string& name : kTraces) {
    const Golden expected = golden(name, "footprint.txt");
    const std::string trace = trace_bytes(name);
    Footprint footprint;
    Result<std::string> table;
    if (const Result<void> fed = footprint.feed(bytes_of(trace)); !fed) {
      table = std::unexpected(fed.error());
    } else {
      table = footprint.finish();
    }
    EXPECT_EQ(table ? "" : table.error().message, expected.error) << name;
    EXPECT_EQ(table.value_or(""), expected.text) << name;
  }
}

TEST(Footprint, OfAnOldTraceWithoutEventsIsFullOfUnknownTypes) {
  Footprint footprint;
  ASSERT_TRUE(footprint.feed(bytes_of(std::string_view("go 1.21 trace\0\0\0", 16))));
  const Result<std::string> table = footprint.finish();
  ASSERT_TRUE(table.has_value());
  EXPECT_TRUE(
      table->starts_with("Event            Bytes  %      Count  %\n"
                         "-                -      -      -      -\n"
                         "<unknown (0)>    0      0.00%  0      NaN%\n"))
      << *table;
}

}  // namespace
}  // namespace marey::exporting
