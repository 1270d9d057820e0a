// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/slot_sums.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace marey::analysis {
namespace {

using Sums = std::map<std::uint64_t, int>;

Sums take(SlotSums<int>& sums, Slot slot) {
  Sums all;
  sums.take(slot, [&](std::uint64_t key, int sum) { all[key] += sum; });
  return all;
}

TEST(SlotSums, AreThoseOfAMap) {
  std::mt19937 random(1);
  for (const unsigned keys : {3u, 8u, 9u, 10u, 100u}) {
    SCOPED_TRACE(keys);
    SlotSums<int> sums;
    std::map<Slot, Sums> expected;
    for (int i = 0; i < 5000; i++) {
      const auto slot = static_cast<Slot>(random() % 300);
      if (random() % 100 == 0) {
        EXPECT_EQ(take(sums, slot), expected[slot]);
        expected[slot].clear();
        continue;
      }
      const std::uint64_t key = random() % keys;
      sums.at(slot, key) += i;
      expected[slot][key] += i;
    }
    for (Slot slot = 0; slot < 300; slot++) EXPECT_EQ(take(sums, slot), expected[slot]);
  }
}

TEST(SlotSums, AreFoundWithTheSlotsOfAnotherPiece) {
  SlotSums<int> sums;
  sums.at(0, 7) += 1;
  sums.at(1, 7) += 2;
  sums.at(2, 8) += 4;
  SlotSums<int> merged;
  merged.at(5, 7) += 8;
  sums.for_each({5, kNoSlot, 0},
                [&](Slot slot, std::uint64_t key, int sum) { merged.at(slot, key) += sum; });
  EXPECT_EQ(take(merged, 5), (Sums{{7, 9}}));
  EXPECT_EQ(take(merged, 0), (Sums{{8, 4}}));
  EXPECT_EQ(take(merged, 1), Sums{});
  EXPECT_EQ(take(merged, 1000), Sums{});
}

}  // namespace
}  // namespace marey::analysis
