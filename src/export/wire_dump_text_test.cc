// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/base/test_files.h"
#include "src/export/wire_dump.h"
#include "src/wire/text_reader.h"

namespace marey::exporting {
namespace {

namespace fs = std::filesystem;

std::string dump(std::span<const std::byte> trace) {
  std::string text;
  WireDump printer([&](std::string_view more) {
    text += more;
    return true;
  });
  Result<void> result = printer.feed(trace);
  if (result) result = printer.finish();
  EXPECT_TRUE(result.has_value()) << result.error().message;
  const auto version = static_cast<unsigned>(printer.reader().header()->version);
  return "Trace Go1." + std::to_string(version) + "\n" + text;
}

wire::Bytes read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto bytes = std::as_bytes(std::span(content));
  return {bytes.begin(), bytes.end()};
}

// The runtime writes some numbers longer than they need to be; apart from that, dump and text
// reader are each other's inverse.
TEST(WireDumpAndTextReader, AreInverse) {
  for (const char* name : {"http-1.22", "idle-1.23", "coro-1.23", "flightrec-1.25", "http-1.27",
                           "allocfree-1.26", "names-1.26"}) {
    const wire::Bytes original =
        read(base::test_file("testdata/traces/" + std::string(name) + ".trace"));
    ASSERT_FALSE(original.empty()) << name;
    const std::string text = dump(original);
    const Result<wire::Bytes> again = wire::read_text_trace(text);
    ASSERT_TRUE(again.has_value()) << name << ": " << again.error().message;
    EXPECT_LE(again->size(), original.size());
    EXPECT_TRUE(dump(*again) == text) << name;
    EXPECT_TRUE(wire::read_text_trace(dump(*again)).value() == *again) << name;
  }
}

TEST(WireDumpAndTextReader, GiveBackGosOwnBytes) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry :
       fs::directory_iterator(base::test_file("../shared/go-testdata/bin"), error)) {
    if (entry.path().filename().string().starts_with("go12")) paths.push_back(entry.path());
  }
  if (paths.empty()) GTEST_SKIP() << "the Go project's test data is not beside the repository";
  for (const fs::path& path : paths) {
    const wire::Bytes original = read(path);
    const Result<wire::Bytes> again = wire::read_text_trace(dump(original));
    ASSERT_TRUE(again.has_value()) << path << ": " << again.error().message;
    EXPECT_TRUE(*again == original) << path;
  }
}

}  // namespace
}  // namespace marey::exporting
