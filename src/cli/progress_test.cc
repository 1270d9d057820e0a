// SPDX-License-Identifier: Apache-2.0
#include "src/cli/progress.h"

#include <gtest/gtest.h>

namespace marey::cli {
namespace {

using namespace std::chrono_literals;

TEST(Progress, Line) {
  EXPECT_EQ(progress_line(300 << 20, 600 << 20, 1s, 200),
            "[==========>         ] 50%  300 MiB of 600 MiB  300 MiB/s  1s left");
  EXPECT_EQ(progress_line(600 << 20, 600 << 20, 2s, 200),
            "[====================] 100%  600 MiB of 600 MiB  300 MiB/s  0s left");
}

TEST(Progress, UnknownTotal) { EXPECT_EQ(progress_line(64 << 10, 0, 1s, 80), "64 KiB  64 KiB/s"); }

TEST(Progress, MoreThanAllAndNothing) {
  EXPECT_EQ(progress_line(20, 10, 1s, 80),
            "[====================] 100%  10 B of 10 B  20 B/s  0s left");
  EXPECT_EQ(progress_line(0, 10, 3900ms, 80), "at work for 3s");
  EXPECT_EQ(progress_line(0, 0, 0s, 7), "at work");
}

TEST(Progress, StaysWithinTheWidth) {
  EXPECT_EQ(progress_line(300 << 20, 600 << 20, 1s, 10).size(), 10u);
  EXPECT_EQ(progress_line(1, 2, 1s, 0), "");
}

}  // namespace
}  // namespace marey::cli
