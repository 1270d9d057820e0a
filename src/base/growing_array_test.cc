// SPDX-License-Identifier: Apache-2.0
#include "src/base/growing_array.h"

#include <cstddef>
#include <gtest/gtest.h>
#include <utility>

namespace marey {
namespace {

TEST(GrowingArray, KeepsItsElementsWhileItGrows) {
  GrowingArray<std::size_t> array;
  array.push_back(7);
  for (std::size_t i = 1; i < 100'000; i++) array.push_back(array[i - 1] + 3);
  GrowingArray<std::size_t> moved = std::move(array);
  ASSERT_EQ(moved.size(), 100'000U);
  for (std::size_t i = 0; i < moved.size(); i++) ASSERT_EQ(moved[i], 7 + 3 * i);
  moved[5] = 1;
  EXPECT_EQ(std::as_const(moved)[5], 1U);
}

}  // namespace
}  // namespace marey
