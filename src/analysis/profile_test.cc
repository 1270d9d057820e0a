// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/profile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

/// "COUNT times DELAY ns", one line a stack: the profile of the pieces, which end at 1000.
std::string profile_of(ProfileKind kind, std::span<const TestPiece> pieces) {
  const AnalysisFolds folds([kind](const Vocabulary& vocabulary) {
    std::vector<std::unique_ptr<Analysis>> analyses;
    analyses.push_back(std::make_unique<Profile>(kind, vocabulary));
    return analyses;
  });
  const auto fold = fold_pieces(folds, pieces);
  fold->finish(Ending(1000));
  std::string text;
  for (const ProfileSample& sample : static_cast<Profile&>(*fold->analyses().front()).samples()) {
    text += fmt::format("{} times {} ns\n", sample.count, sample.time);
  }
  return text;
}

// As cmd/trace/pprof.go: a goroutine counts from when it first ran, by its id, to its end.
TEST(Profile, CountsTheLastCallbackOfAnId) {
  TestTrace trace;
  trace.sync(100)
      .create_callback(110, 5)
      .syscall_end_blocked(115, 5)
      .start(120, 5)
      .syscall(130, 5)
      .syscall_end(137, 5)
      .destroy_syscall(140, 5)
      .create_callback(150, 5)
      .syscall_end(153, 5)
      .syscall(160, 5)
      .syscall_end(162, 5)
      .destroy_syscall(170, 5);
  const std::vector<TestPiece> pieces{{trace.records(), &trace.tables(), 1}};
  EXPECT_EQ(profile_of(ProfileKind::Syscall, pieces), "1 times 2 ns\n");
  EXPECT_EQ(profile_of(ProfileKind::Sched, pieces), "");
}

TEST(Profile, CountsAllCallbacksOfAnIdWhoseLastHasNotRun) {
  TestTrace first;
  first.sync(100)
      .create_callback(110, 5)
      .syscall_end_blocked(115, 5)
      .start(121, 5)
      .syscall(130, 5)
      .syscall_end(137, 5)
      .destroy_syscall(140, 5);
  TestTrace second;
  second.sync(200, 2).create_callback(250, 5).destroy_syscall(260, 5);
  const std::vector<TestPiece> pieces{{first.records(), &first.tables(), 1},
                                      {second.records(), &second.tables(), 2}};
  // Without stacks: from 110 to 115 and from 250 to 260.
  EXPECT_EQ(profile_of(ProfileKind::Syscall, pieces), "2 times 15 ns\n1 times 7 ns\n");
  EXPECT_EQ(profile_of(ProfileKind::Sched, pieces), "1 times 6 ns\n");
}

// A piece that begins within a callback cannot tell that it is one.
TEST(Profile, CountsTheLastCallbackWhereverTheTraceIsCut) {
  TestTrace first;
  first.sync(100)
      .create_callback(110, 5)
      .syscall_end_blocked(115, 5)
      .start(120, 5)
      .syscall(130, 5)
      .syscall_end(137, 5);
  TestTrace second;
  second.sync(200, 2)
      .restate(201, 5, GoState::Running)
      .syscall(230, 5)
      .syscall_end(234, 5)
      .destroy_syscall(240, 5)
      .create_callback(250, 5)
      .syscall_end(253, 5)
      .syscall(260, 5)
      .syscall_end(262, 5);
  const std::vector<TestPiece> pieces{{first.records(), &first.tables(), 1},
                                      {second.records(), &second.tables(), 2}};
  EXPECT_EQ(profile_of(ProfileKind::Syscall, pieces), "1 times 2 ns\n");
}

// Its end tells that it was one.
TEST(Profile, KnowsACallbackFromBeforeTheTrace) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 5, GoState::Undetermined, GoState::Running)
      .syscall(130, 5)
      .syscall_end(137, 5)
      .destroy_syscall(140, 5)
      .create_callback(150, 5)
      .syscall_end(153, 5)
      .syscall(160, 5)
      .syscall_end(162, 5);
  const std::vector<TestPiece> pieces{{trace.records(), &trace.tables(), 1}};
  EXPECT_EQ(profile_of(ProfileKind::Syscall, pieces), "1 times 2 ns\n");
}

}  // namespace
}  // namespace marey::analysis
