// SPDX-License-Identifier: Apache-2.0
#include "src/wire/generation_scanner.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/wire/header.h"
#include "src/wire/varint.h"

namespace marey::wire {
namespace {

using Bytes = std::vector<std::byte>;

void add_batch(Bytes& trace, std::uint64_t generation, std::uint64_t thread, std::size_t size) {
  trace.push_back(static_cast<std::byte>(EventType::EventBatch));
  append_varint(trace, generation);
  append_varint(trace, thread);
  append_varint(trace, 1000);  // time
  append_varint(trace, size);
  trace.insert(trace.end(), size, static_cast<std::byte>(EventType::ProcStop));
}

/// What a tolerant scanner says of `trace`, given `piece` bytes more each time it asks, without
/// those that it does not need any more: a line for each generation, and one for each defect.
std::string scan(const Bytes& trace, std::size_t piece) {
  Health health;
  GenerationScanner scanner(Version::Go123, &health);
  GenerationLayout layout;
  std::string text;
  std::size_t visible = std::clamp(piece, kHeaderSize, trace.size());
  for (;;) {
    const bool all = visible == trace.size();
    const auto keep = static_cast<std::size_t>(scanner.keep_from());
    const auto window = std::span(trace).first(visible).subspan(keep);
    switch (scanner.next(window, keep, all, layout)) {
      case GenerationScanner::Status::NeedMore:
        visible = std::min(trace.size(), visible + piece);
        break;
      case GenerationScanner::Status::Generation:
        text += "generation " + std::to_string(layout.number) + ": " +
                std::to_string(layout.batches.size()) + " batches\n";
        break;
      case GenerationScanner::Status::End:
        for (const DefectReport& report : health.reports()) {
          text += std::to_string(report.offset) + ": " + report.detail + '\n';
        }
        return text;
      case GenerationScanner::Status::Error:
        return text + scanner.error().message;
    }
  }
}

void expect_same_in_pieces(const Bytes& trace, const std::string& expected) {
  for (const std::size_t piece : {trace.size(), std::size_t{1}, std::size_t{7}, std::size_t{40},
                                  std::size_t{1000}, std::size_t{200000}}) {
    EXPECT_EQ(scan(trace, piece), expected) << "in pieces of " << piece;
  }
}

TEST(GenerationScanner, AStrayBatchIsOneHoweverTheTraceIsFed) {
  // Whether a batch of generation 5 is stray, the batch behind it tells, and all of that may be yet
  // to come.
  Bytes trace(kHeaderSize);
  add_batch(trace, 1, 10, 30);
  const std::size_t stray = trace.size();
  add_batch(trace, 5, 10, 30);
  add_batch(trace, 1, 11, 30);
  add_batch(trace, 2, 10, 30);
  expect_same_in_pieces(trace, "generation 1: 2 batches\ngeneration 2: 1 batches\n" +
                                   std::to_string(stray) +
                                   ": a batch of generation 5 among those of 1\n");
}

TEST(GenerationScanner, LostGenerationsAreLostHoweverTheTraceIsFed) {
  Bytes trace(kHeaderSize);
  add_batch(trace, 1, 10, 30);
  add_batch(trace, 5, 10, 30);
  add_batch(trace, 5, 11, 30);
  expect_same_in_pieces(trace, "generation 1: 1 batches\ngeneration 5: 2 batches\n");
}

TEST(GenerationScanner, ForeignBytesEndAtTheSamePlaceHoweverTheTraceIsFed) {
  Bytes trace(kHeaderSize);
  add_batch(trace, 1, 10, 30);
  const std::size_t foreign = trace.size();
  trace.push_back(std::byte{0xff});
  add_batch(trace, 1, 10, 30);  // looks like a batch, but what follows does not
  trace.resize(trace.size() + 300000, std::byte{0xee});
  add_batch(trace, 1, 11, kMaxBatchSize);
  add_batch(trace, 2, 10, kMaxBatchSize);
  expect_same_in_pieces(trace, "generation 1: 2 batches\ngeneration 2: 1 batches\n" +
                                   std::to_string(foreign) +
                                   ": expected batch event, got event 255\n");
}

TEST(GenerationScanner, StrictlyNothingIsOneGeneration) {
  GenerationScanner scanner(Version::Go123, nullptr);
  GenerationLayout layout;
  const Bytes trace(kHeaderSize);
  const auto rest = std::span(trace).subspan(kHeaderSize);
  EXPECT_EQ(scanner.next(rest, kHeaderSize, false, layout), GenerationScanner::Status::NeedMore);
  ASSERT_EQ(scanner.next(rest, kHeaderSize, true, layout), GenerationScanner::Status::Generation);
  EXPECT_TRUE(layout.batches.empty());
  EXPECT_EQ(scanner.next(rest, kHeaderSize, true, layout), GenerationScanner::Status::End);
}

}  // namespace
}  // namespace marey::wire
