// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/logs.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <utility>
#include <vector>

namespace marey::order::v1 {
namespace {

TEST(V1Logs, BitsAreKept) {
  std::mt19937 random(1);
  BitLog log;
  std::vector<bool> bits;
  for (int i = 0; i < 200000; i++) {
    const bool bit = random() % 2 == 0;
    bits.push_back(bit);
    log.push_back(bit);
    if (const std::size_t j = random() % bits.size(); random() % 3 == 0) {
      bits[j] = true;
      log.set(j);
    }
  }
  ASSERT_EQ(log.size(), bits.size());
  for (std::size_t i = 0; i < bits.size(); i++) ASSERT_EQ(log[i], bits[i]) << i;
  EXPECT_FALSE(log[bits.size()]) << "false behind the end";
}

TEST(V1Logs, RunsAreKept) {
  std::mt19937 random(2);
  RunLog log;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> runs;
  for (int i = 0; i < 20000; i++) {
    const auto proc = static_cast<std::uint32_t>(random() % 3 == 0 ? random() : random() % 20);
    const std::uint64_t length = 1 + (random() % 4 == 0 ? random() % 1000 : random() % 10);
    if (!runs.empty() && runs.back().first == proc) continue;
    runs.emplace_back(proc, length);
    for (std::uint64_t j = 0; j < length; j++) log.add(proc);
  }
  log.flush();
  RunReader reader(log);
  RunReader::Run run;
  for (const auto& [proc, length] : runs) {
    ASSERT_TRUE(reader.next(run));
    EXPECT_EQ(run.proc, proc);
    EXPECT_EQ(run.length, length);
  }
  EXPECT_FALSE(reader.next(run));
}

TEST(V1Logs, RunsTakeOneByteForMostProcs) {
  RunLog log;
  for (std::uint32_t i = 0; i < 1000; i++) log.add(i % 15);
  log.flush();
  EXPECT_EQ(log.bytes().size(), 1000U);
}

TEST(V1Logs, ExitsComeSorted) {
  std::mt19937_64 random(3);
  for (const std::uint64_t disorder : {1U, 1000U, 1000000U}) {
    ExitLog log;
    std::vector<MovedExit> exits;
    std::int64_t ticks = -5;
    for (std::uint64_t i = 0; i < 100000; i++) {
      ticks += static_cast<std::int64_t>(random() % 4);
      const MovedExit exit{ticks - static_cast<std::int64_t>(random() % disorder), 2 * i,
                           random() % 100000};
      exits.push_back(exit);
      log.add(exit);
    }
    log.finish();
    std::sort(exits.begin(), exits.end());
    ASSERT_FALSE(log.empty());
    EXPECT_EQ(log.first_ticks(), exits.front().ticks);
    ExitReader reader(log);
    for (const MovedExit& exit : exits) {
      ASSERT_FALSE(reader.at_end());
      EXPECT_EQ(reader.peek().ticks, exit.ticks);
      EXPECT_EQ(reader.peek().position, exit.position);
      EXPECT_EQ(reader.peek().goroutine, exit.goroutine);
      reader.pop();
    }
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(V1Logs, NoExits) {
  ExitLog log;
  log.finish();
  EXPECT_TRUE(log.empty());
  EXPECT_TRUE(ExitReader(log).at_end());
}

}  // namespace
}  // namespace marey::order::v1
