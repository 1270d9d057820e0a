// SPDX-License-Identifier: Apache-2.0
#include "src/wire/event_decoder.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace marey::wire {
namespace {

/// What both decoders make of the bytes from `start` on; the fast one may pass.
void compare(const std::vector<std::byte>& bytes, std::size_t start, std::size_t end) {
  TimedEvent plain;
  TimedEvent fast;
  DecodeFault fault{};
  const std::byte* const p =
      decode_event_plain(bytes.data() + start, bytes.data() + end, plain, fault);
  const std::byte* const q = decode_event_fast(bytes.data() + start, bytes.data() + end, fast);
  if (q == nullptr) return;
  ASSERT_EQ(p, q) << "at " << start;
  EXPECT_EQ(plain.type, fast.type);
  EXPECT_EQ(plain.delta, fast.delta);
  for (unsigned i = 0; i + 1 < spec_of(plain.type).arg_count; i++) {
    EXPECT_EQ(plain.args[i], fast.args[i]) << "argument " << i << " at " << start;
  }
}

TEST(EventDecoder, FastAgreesWithPlainOnRandomBytes) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; round++) {
    std::vector<std::byte> bytes(24 + kDecodeSlack);
    // Small bytes are the common case: types that exist, varints that end.
    const unsigned top = round % 3 == 0 ? 256 : round % 3 == 1 ? 140 : 60;
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() % top);
    for (std::size_t end = 1; end <= 24; end++) compare(bytes, 0, end);
  }
}

TEST(EventDecoder, FastTakesWhatIsUsual) {
  // Whatever it passes on costs time: varints of up to eight bytes must not be among that.
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; round++) {
    std::vector<std::byte> bytes{static_cast<std::byte>(EventType::GoUnblock)};
    TimedEvent event;
    event.delta = random() >> (8 + random() % 56);
    append_varint(bytes, event.delta);
    for (std::size_t i = 0; i < 3; i++) {
      event.args[i] = random() >> (8 + random() % 56);
      append_varint(bytes, event.args[i]);
    }
    const std::size_t size = bytes.size();
    bytes.resize(size + kDecodeSlack, std::byte{0xff});
    TimedEvent decoded;
    ASSERT_EQ(decode_event_fast(bytes.data(), bytes.data() + size, decoded), bytes.data() + size);
    EXPECT_EQ(decoded.delta, event.delta);
    EXPECT_EQ(decoded.args, event.args);
  }
}

TEST(EventDecoder, PlainSaysWhatIsWrong) {
  const auto fault_of = [](std::vector<unsigned> values) {
    std::vector<std::byte> bytes;
    for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
    TimedEvent event;
    DecodeFault fault{};
    const auto* p = decode_event_plain(bytes.data(), bytes.data() + bytes.size(), event, fault);
    return p == nullptr ? fault : DecodeFault::None;
  };
  EXPECT_EQ(fault_of({17, 1}), DecodeFault::None);
  EXPECT_EQ(fault_of({200, 1}), DecodeFault::InvalidType);
  EXPECT_EQ(fault_of({0, 1}), DecodeFault::NoTimestamp);
  EXPECT_EQ(fault_of({8, 1}), DecodeFault::NoTimestamp);
  EXPECT_EQ(fault_of({60, 1}), DecodeFault::NoTimestamp);
  EXPECT_EQ(fault_of({17}), DecodeFault::BadTimestamp);
  EXPECT_EQ(fault_of({17, 0x80}), DecodeFault::BadTimestamp);
  EXPECT_EQ(fault_of({16, 1, 2}), DecodeFault::BadArgument);
  EXPECT_EQ(fault_of({17, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2}),
            DecodeFault::BadTimestamp);
}

TEST(Varint, SizesAndEnds) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                                    std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    std::vector<std::byte> bytes;
    append_varint(bytes, value);
    EXPECT_EQ(bytes.size(), varint_size(value));
    std::uint64_t read = 0;
    EXPECT_EQ(read_varint(bytes.data(), bytes.data() + bytes.size(), read),
              bytes.data() + bytes.size());
    EXPECT_EQ(read, value);
    EXPECT_EQ(read_varint(bytes.data(), bytes.data() + bytes.size() - 1, read), nullptr);
  }
}

}  // namespace
}  // namespace marey::wire
