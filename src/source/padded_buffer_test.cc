// SPDX-License-Identifier: Apache-2.0
#include "src/source/padded_buffer.h"

#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <utility>

namespace marey::source {
namespace {

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Loads 16 bytes from the end on; the address sanitizer watches.
void expect_slack(const PaddedBuffer& buffer) {
  std::uint64_t words[2] = {1, 1};
  static_assert(sizeof words == kReadSlack);
  std::memcpy(words, buffer.bytes().data() + buffer.size(), sizeof words);
  EXPECT_EQ(0u, words[0] | words[1]);
}

TEST(PaddedBuffer, GrowsAndKeepsItsSlack) {
  PaddedBuffer buffer;
  EXPECT_EQ(0u, buffer.size());
  expect_slack(buffer);
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    ASSERT_TRUE(buffer.append(as_bytes(piece)));
    expected += piece;
    expect_slack(buffer);
  }
  EXPECT_EQ(expected, as_text(buffer.bytes()));
  buffer.drop_front(1000);
  EXPECT_EQ(expected.substr(1000), as_text(buffer.bytes()));
  expect_slack(buffer);
  buffer.clear();
  EXPECT_EQ(0u, buffer.size());
  expect_slack(buffer);
}

TEST(PaddedBuffer, CommitsLessThanWasPrepared) {
  PaddedBuffer buffer;
  const std::span<std::byte> room = buffer.prepare(10000);
  ASSERT_EQ(10000u, room.size());
  std::memcpy(room.data(), "abcdef", 6);
  buffer.commit(3);
  EXPECT_EQ("abc", as_text(buffer.bytes()));
  expect_slack(buffer);
}

// NOLINTBEGIN(bugprone-use-after-move, clang-analyzer-cplusplus.Move): what the test is about
TEST(PaddedBuffer, MovedFromIsEmpty) {
  PaddedBuffer a;
  ASSERT_TRUE(a.append(as_bytes("abc")));
  PaddedBuffer b = std::move(a);
  EXPECT_EQ(0u, a.size());
  expect_slack(a);
  EXPECT_EQ("abc", as_text(b.bytes()));
  ASSERT_TRUE(a.append(as_bytes("d")));
  a = std::move(b);
  EXPECT_EQ("abc", as_text(a.bytes()));
  EXPECT_EQ(0u, b.size());
}
// NOLINTEND(bugprone-use-after-move, clang-analyzer-cplusplus.Move)

TEST(PaddedBuffer, RefusesWhatCannotBe) {
  PaddedBuffer buffer;
  ASSERT_TRUE(buffer.append(as_bytes("abc")));
  EXPECT_TRUE(buffer.prepare(std::numeric_limits<std::size_t>::max()).empty());
  EXPECT_EQ("abc", as_text(buffer.bytes()));
}

}  // namespace
}  // namespace marey::source
