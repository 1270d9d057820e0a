// SPDX-License-Identifier: Apache-2.0
#include "src/wire/lost_header.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <string_view>
#include <vector>

#include "src/wire/varint.h"

namespace marey::wire {
namespace {

using Bytes = std::vector<std::byte>;

void add_batch(Bytes& trace, std::uint64_t generation, EventType first) {
  trace.push_back(static_cast<std::byte>(EventType::EventBatch));
  append_varint(trace, generation);
  append_varint(trace, 7);     // thread
  append_varint(trace, 1000);  // time
  const EventSpec& spec = spec_of(first);
  append_varint(trace, 1u + spec.arg_count);  // length
  trace.push_back(static_cast<std::byte>(first));
  trace.resize(trace.size() + spec.arg_count, std::byte{1});
}

std::optional<TraceBegin> find(const Bytes& bytes) { return find_trace({bytes, 0, true}); }

TEST(FindTrace, TellsTheVersionFromTheBatches) {
  struct Case {
    EventType first;
    bool end_mark;
    Version version;
  };
  for (const Case& c : {Case{EventType::Frequency, false, Version::Go123},
                        Case{EventType::Sync, false, Version::Go125},
                        Case{EventType::Sync, true, Version::Go126}}) {
    Bytes trace(5, std::byte{0xfe});
    add_batch(trace, 1, c.first);
    add_batch(trace, 1, EventType::ProcStop);
    if (c.end_mark) trace.push_back(static_cast<std::byte>(EventType::EndOfGeneration));
    for (int i = 0; i < 3; i++) add_batch(trace, 2, EventType::ProcStop);
    const auto found = find(trace);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->offset, 5u);
    EXPECT_TRUE(found->header_lost);
    EXPECT_EQ(found->header.version, c.version);
  }
}

TEST(FindTrace, FindsAHeaderBehindOtherBytes) {
  Bytes trace(99, std::byte{'g'});
  const std::string_view header("go 1.23 trace\0\0\0", kHeaderSize);
  for (const char c : header) trace.push_back(static_cast<std::byte>(c));
  const auto found = find(trace);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, 99u);
  EXPECT_FALSE(found->header_lost);
  EXPECT_EQ(found->header.version, Version::Go123);
}

TEST(FindTrace, NoiseIsNoTrace) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20; round++) {
    Bytes noise(100'000);
    // Few high bits: numbers that are short, as those of batches are.
    for (std::byte& byte : noise) {
      byte = static_cast<std::byte>(random() & (round % 2 == 0 ? 0xff : 0x3f));
    }
    EXPECT_FALSE(find(noise));
  }
  EXPECT_FALSE(find({}));
}

}  // namespace
}  // namespace marey::wire
