// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/top.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <vector>

namespace marey::analysis {
namespace {

using Greatest = Top<int, 10, std::greater<>>;

TEST(Top, HasTheGreatestOfMany) {
  for (unsigned seed = 0; seed < 50; seed++) {
    std::mt19937 random(seed);
    std::vector<int> numbers(seed * 3);
    std::iota(numbers.begin(), numbers.end(), 0);
    std::ranges::shuffle(numbers, random);
    Greatest top;
    Greatest left;
    Greatest right;
    for (std::size_t i = 0; i < numbers.size(); i++) {
      top.add(numbers[i]);
      (i < numbers.size() / 3 ? left : right).add(numbers[i]);
    }
    left.merge(right);
    std::ranges::sort(numbers, std::greater<>());
    numbers.resize(std::min<std::size_t>(numbers.size(), 10));
    EXPECT_EQ(top.sorted(), numbers);
    EXPECT_EQ(left.sorted(), numbers);
  }
}

TEST(Top, DoesNotWantWhatCannotBeAmongThem) {
  Greatest top;
  for (int i = 0; i < 10; i++) top.add(i);
  EXPECT_EQ(top.bound(), nullptr);
  EXPECT_TRUE(top.wants(-1));  // there may be less than ten greater ones, for all it knows
  for (int i = 10; i < 20; i++) top.add(i);
  ASSERT_NE(top.bound(), nullptr);
  EXPECT_EQ(*top.bound(), 10);
  EXPECT_FALSE(top.wants(9));
  EXPECT_TRUE(top.wants(15));
  EXPECT_EQ(top.candidates().size(), 10u);
}

}  // namespace
}  // namespace marey::analysis
