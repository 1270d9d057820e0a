// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/scope.h"

#include <gtest/gtest.h>
#include <utility>
#include <vector>

namespace marey::analysis {
namespace {

using Parts = std::vector<std::pair<Time, Time>>;

constexpr GoID kG{7};

Parts parts_of(const Scope& scope, Time start, Time end) {
  Parts parts;
  scope.for_each_part(kG, start, end,
                      [&](Time begin, Time behind) { parts.emplace_back(begin, behind); });
  return parts;
}

TEST(Scope, CountsWindowsThatOverlapOnce) {
  Scope scope;
  scope.restrict_to({{kG, 10, 40}, {kG, 20, 30}, {kG, 35, 50}, {GoID{8}, 0, 5}, {kG, 60, 70}});
  EXPECT_EQ(parts_of(scope, 0, 100), (Parts{{10, 50}, {60, 70}}));
  EXPECT_EQ(parts_of(scope, 45, 65), (Parts{{45, 50}, {60, 65}}));
  EXPECT_EQ(parts_of(scope, 50, 60), Parts{});
}

TEST(Scope, HasTheEndOfAWindow) {
  Scope scope;
  scope.restrict_to({{kG, 10, 40}});
  EXPECT_FALSE(scope.has(kG, 9));
  EXPECT_TRUE(scope.has(kG, 10));
  EXPECT_TRUE(scope.has(kG, 40));
  EXPECT_FALSE(scope.has(kG, 41));
  EXPECT_FALSE(scope.has(GoID{8}, 10));
  EXPECT_EQ(parts_of(scope, 40, 40), (Parts{{40, 40}}));
  scope.set_range(0, 40);
  EXPECT_FALSE(scope.has(kG, 40));
  EXPECT_EQ(scope.moment_in(kG, 0, 100), 10);
  EXPECT_EQ(scope.moment_in(kG, 40, 100), std::nullopt);
}

TEST(Scope, IsWhatAllRestrictionsLeave) {
  Scope scope;
  scope.restrict_to({{kG, Scope::kFirst, Scope::kLast}});
  scope.restrict_to({{GoID{6}, 0, 100}, {kG, 10, 40}, {kG, 50, 50}, {kG, 60, 70}});
  scope.restrict_to({{kG, 0, 20}, {kG, 30, 65}, {GoID{8}, 0, 100}});
  EXPECT_EQ(parts_of(scope, 0, 100), (Parts{{10, 20}, {30, 40}, {60, 65}}));
  EXPECT_TRUE(scope.has(kG, 50));
  EXPECT_FALSE(scope.has(GoID{6}, 50));
  // Windows that only touch have nothing in common.
  scope.restrict_to({{kG, 20, 30}});
  EXPECT_FALSE(scope.has(kG, 20));
  EXPECT_TRUE(scope.has_windows());
}

TEST(Scope, KeepsAGoroutineOfWhichOnlyAMomentIsWithin) {
  Scope scope;
  scope.restrict_to({{kG, 50, 50}});
  Interval life;
  life.state = GoState::NotExist;
  life.goroutine = kG;
  life.start = 0;
  life.end = 100;
  std::vector<Interval> parts;
  std::vector<Interval> wholes;
  apply(scope, {&life, 1}, parts, wholes);
  ASSERT_EQ(parts.size(), 1);
  EXPECT_FALSE(parts[0].is_outside);
  EXPECT_EQ(parts[0].start, 50);
  EXPECT_EQ(parts[0].duration(), 0);
}

TEST(Scope, HasTasksThatBeginOrEndWithin) {
  TaskInterval task;
  task.id = TaskID{5};
  task.start = 10;
  task.end = 40;
  task.goroutine = kG;
  task.end_goroutine = GoID{8};
  Scope all;
  all.restrict_to({{GoID{8}, 40, 40}});
  EXPECT_FALSE(all.has(task));
  Scope some = all;
  some.set_tasks({TaskID{5}});
  EXPECT_TRUE(some.has(task));
  some.set_range(0, 30);
  EXPECT_FALSE(some.has(task));
  Scope others = all;
  others.set_tasks({TaskID{6}});
  EXPECT_FALSE(others.has(task));
}

}  // namespace
}  // namespace marey::analysis
