// SPDX-License-Identifier: Apache-2.0
#include "marey/health.h"

#include <gtest/gtest.h>
#include <limits>

namespace marey {
namespace {

TEST(Health, TimeThatIsKnownLaterGoesToTheLastReport) {
  Health health;
  health.add({Defect::BadBatch, 100, 1, 7, 5, "one"});
  health.add({Defect::BadBatch, 200, 1, 7, 0, "two"});
  health.add({Defect::UnknownStack, 300, 1, 0, 0, "three"});
  health.add_time_lost(Defect::BadBatch, 11);
  EXPECT_EQ(health.of(Defect::BadBatch).time_lost, 16);
  EXPECT_EQ(health.reports()[0].time_lost, 5);
  EXPECT_EQ(health.reports()[1].time_lost, 11);
  EXPECT_EQ(health.reports()[2].time_lost, 0);
}

TEST(Health, TimeOfAReportThatIsNotKeptIsInTheSum) {
  Health health;
  for (std::size_t i = 0; i <= Health::kKept; i++) health.add({Defect::BadBatch, i, 1, 0, 0, ""});
  health.add_time_lost(Defect::BadBatch, 11);
  EXPECT_EQ(health.of(Defect::BadBatch).time_lost, 11);
  for (const DefectReport& report : health.reports()) EXPECT_EQ(report.time_lost, 0);
}

TEST(Health, GuessesAreCountedFromTheFirstOn) {
  Health first;
  Health second;
  second.add_guessed(2, 500);
  second.add_guessed(1, 600);
  first.merge(Health());
  EXPECT_EQ(first.guessed_events(), 0U);
  first.merge(second);
  first.merge(second);
  EXPECT_EQ(first.guessed_events(), 6U);
  EXPECT_EQ(first.first_guess(), 500);
}

TEST(Health, SumsOfTimeDoNotRunOver) {
  constexpr Duration kMost = std::numeric_limits<Duration>::max();
  Health health;
  health.add({Defect::BadBatch, 100, 1, 0, kMost, ""});
  health.add({Defect::BadBatch, 200, 1, 0, 0, ""});
  health.add_time_lost(Defect::BadBatch, 5);
  Health sum;
  sum.merge(health);
  sum.merge(health);
  EXPECT_EQ(health.of(Defect::BadBatch).time_lost, kMost);
  EXPECT_EQ(sum.of(Defect::BadBatch).time_lost, kMost);
}

}  // namespace
}  // namespace marey
