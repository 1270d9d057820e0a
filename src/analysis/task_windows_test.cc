// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_windows.h"

#include <algorithm>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::EventType;

/// Goroutines 1 and 2, which run all the time, from 100 to 1000.
class Program {
 public:
  Program() {
    trace_.sync(100)
        .status(101, 1, GoState::Undetermined, GoState::Running, 0)
        .status(102, 2, GoState::Undetermined, GoState::Running, 1);
  }
  Program& begin(Time time, std::int64_t g, std::uint64_t task, std::string_view type,
                 TaskID parent = kNoTask) {
    return add(time, EventType::UserTaskBegin, g, {task, raw(parent), trace_.string(type)});
  }
  Program& end(Time time, std::int64_t g, std::uint64_t task) {
    return add(time, EventType::UserTaskEnd, g, {task});
  }
  Program& log(Time time, std::int64_t g, std::uint64_t task) {
    return add(time, EventType::UserLog, g, {task, trace_.string("key"), trace_.string("value")});
  }
  Program& region(Time time, Time end, std::int64_t g, std::uint64_t task) {
    add(time, EventType::UserRegionBegin, g, {task, trace_.string("region")});
    return add(end, EventType::UserRegionEnd, g, {task, trace_.string("region")});
  }
  const TestTrace& trace() const { return trace_; }

 private:
  Program& add(Time time, EventType type, std::int64_t g, std::array<std::uint64_t, 4> args) {
    trace_.event(time, type, g, g - 1, args);
    return *this;
  }

  TestTrace trace_;
};

/// What is found of the tasks that are wanted.
class Found {
 public:
  Found(const Program& program, WantedTask wanted)
      : folds_([&wanted](const Vocabulary& vocabulary) {
          std::vector<std::unique_ptr<Analysis>> analyses;
          analyses.push_back(std::make_unique<TaskWindows>(vocabulary, wanted));
          return analyses;
        }) {
    const std::vector<TestPiece> pieces{{program.trace().records(), &program.trace().tables(), 1}};
    fold_ = fold_pieces(folds_, pieces);
    fold_->finish(Ending(1000));
  }
  const TaskWindows& tasks() const {
    return static_cast<const TaskWindows&>(*fold_->analyses().front());
  }
  std::vector<std::string> windows() const {
    std::vector<Window> windows = tasks().windows();
    std::ranges::sort(windows);
    std::vector<std::string> texts;
    for (const Window& window : windows) {
      texts.push_back(fmt::format("g{} {}..{}", raw(window.goroutine), window.begin, window.end));
    }
    return texts;
  }

 private:
  AnalysisFolds folds_;
  std::unique_ptr<AnalysisFold> fold_;
};

TEST(TaskWindows, AGoroutineThatBeginsAndEndsItWorksForItMeanwhile) {
  Program program;
  program.begin(200, 1, 5, "job").begin(210, 2, 6, "other").end(290, 2, 6).end(300, 1, 5);
  EXPECT_THAT(Found(program, TaskID{5}).windows(), ElementsAre("g1 200..300"));
  EXPECT_THAT(Found(program, "job").windows(), ElementsAre("g1 200..300"));
}

TEST(TaskWindows, RegionsAreOfTheirTask) {
  Program program;
  program.begin(200, 1, 5, "job")
      .region(210, 220, 2, 5)
      .region(230, 240, 2, 0)
      .region(250, 260, 2, 5)
      .end(300, 1, 5);
  EXPECT_THAT(Found(program, "job").windows(),
              ElementsAre("g1 200..300", "g2 210..220", "g2 250..260"));
}

TEST(TaskWindows, OneThatIsHandedOverIsOfBothFromTheFirstToTheLastMark) {
  Program program;
  program.begin(200, 1, 5, "job").log(230, 1, 5).log(260, 2, 5).end(300, 2, 5);
  EXPECT_THAT(Found(program, TaskID{5}).windows(), ElementsAre("g1 200..230", "g2 260..300"));
}

TEST(TaskWindows, WhatIsUnderWayAtTheEdgesReachesToThem) {
  Program program;
  program.end(200, 1, 4).begin(300, 2, 5, "job");
  EXPECT_THAT(Found(program, TaskID{4}).windows(), ElementsAre("g1 100..200"));
  EXPECT_THAT(Found(program, TaskID{5}).windows(), ElementsAre("g2 300..1000"));
}

TEST(TaskWindows, KnowsTheClosestNumbers) {
  Program program;
  program.begin(200, 1, 5, "job").log(210, 1, 8).region(220, 230, 1, 11).end(240, 1, 5);
  const Found found(program, TaskID{9});
  EXPECT_THAT(found.windows(), IsEmpty());
  EXPECT_THAT(found.tasks().ids(), IsEmpty());
  EXPECT_EQ(found.tasks().lower(), TaskID{8});
  EXPECT_EQ(found.tasks().higher(), TaskID{11});
  EXPECT_THAT(Found(program, "jobs").tasks().types(), ElementsAre("job"));
}

TEST(TaskWindows, ATaskThatOnlyItsSubtasksTellOfIsKnown) {
  Program program;
  program.begin(200, 1, 5, "job", TaskID{3}).end(210, 1, 5);
  const Found found(program, TaskID{3});
  EXPECT_THAT(found.windows(), IsEmpty());
  EXPECT_THAT(found.tasks().ids(), ElementsAre(TaskID{3}));
}

}  // namespace
}  // namespace marey::analysis
