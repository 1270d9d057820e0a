// SPDX-License-Identifier: Apache-2.0
#include "src/order/generation.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include "src/wire/event_decoder.h"

namespace marey::order {
namespace {

using Batches = std::vector<std::uint32_t>;

/// A generation of one-byte batches of these threads.
wire::GenerationLayout layout_of(const std::vector<std::int64_t>& threads) {
  wire::GenerationLayout layout;
  layout.number = 1;
  for (const std::int64_t thread : threads) {
    layout.batches.push_back(
        {.offset = layout.batches.size(), .thread = ThreadID{thread}, .size = 1});
  }
  return layout;
}

Result<Generation> prepared(wire::GenerationLayout layout, Health* health) {
  static const std::vector<std::byte> bytes(kMaxThreads + 100);
  return prepare(std::move(layout), bytes, 0, 1, std::make_shared<wire::NameTable>(), health);
}

TEST(Generation, BatchesAreGroupedByThreadInTheOrderOfTheFile) {
  wire::GenerationLayout layout = layout_of({7, 3, 7, -1, 3, 5});
  layout.batches[4].kind = wire::BatchKind::Experimental;
  Health health;
  const auto generation = prepared(layout, &health);
  ASSERT_TRUE(generation.has_value());
  std::vector<std::pair<std::int64_t, Batches>> threads;
  for (const auto& [thread, batches] : generation->threads) {
    threads.emplace_back(raw(thread), Batches(batches.begin(), batches.end()));
  }
  EXPECT_EQ(threads, (std::vector<std::pair<std::int64_t, Batches>>{
                         {7, {0, 2}}, {3, {1}}, {-1, {3}}, {5, {5}}}));
}

TEST(Generation, ThereAreNotAnyNumberOfThreads) {
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < kMaxThreads + 3; i++) {
    ids.push_back(static_cast<std::int64_t>(1'000'000 - i));
  }
  ids.push_back(ids.front());
  ids.push_back(ids[kMaxThreads]);
  Health health;
  const auto tolerant = prepared(layout_of(ids), &health);
  ASSERT_TRUE(tolerant.has_value());
  EXPECT_EQ(tolerant->threads.size(), kMaxThreads);
  EXPECT_EQ(tolerant->threads.front().batches.size(), 2U);
  EXPECT_EQ(health.of(Defect::DroppedEvent).count, 1U);
  EXPECT_EQ(health.of(Defect::DroppedEvent).bytes_lost, 4U);
  EXPECT_EQ(health.reports().back().offset, kMaxThreads);
  EXPECT_EQ(health.reports().back().detail, "the events of 3 threads: there are more than 65536");
}

}  // namespace
}  // namespace marey::order
