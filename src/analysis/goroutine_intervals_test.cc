// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_intervals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "src/analysis/test_trace.h"

namespace marey::analysis {
namespace {

using enum GoState;
using testing::ElementsAre;
using testing::HasSubstr;

/// Folds the trace in one piece, and cut in every place, and in all places at once: all of it must
/// say the same.
Recorder& fold_anyhow(const TestTrace& trace, Time end, Time known_until = kNever) {
  static std::vector<std::unique_ptr<AnalysisFold>> kept;
  const AnalysisFolds folds = recorder_folds();
  const auto all = trace.records();
  const auto piece = [&](std::size_t from, std::size_t to) {
    return TestPiece{all.subspan(from, to - from), &trace.tables(), 1};
  };
  kept.push_back(fold_pieces(folds, std::vector{piece(0, all.size())}));
  Recorder& whole = finish_recorder(*kept.back(), end, known_until);
  const std::string expected = whole.text();
  std::vector<TestPiece> single;
  for (std::size_t i = 0; i < all.size(); i++) {
    single.push_back(piece(i, i + 1));
    const auto cut = fold_pieces(folds, std::vector{piece(0, i), piece(i, all.size())});
    EXPECT_EQ(finish_recorder(*cut, end, known_until).text(), expected) << "cut before event " << i;
  }
  for (unsigned seed = 0; seed < 4; seed++) {
    const auto cut = fold_pieces(folds, single, seed);
    EXPECT_EQ(finish_recorder(*cut, end, known_until).text(), expected) << "cut everywhere";
  }
  return whole;
}

std::vector<std::string> texts(const Recorder& recorder, const std::vector<Interval>& intervals) {
  std::vector<std::string> texts;
  for (const Interval& interval : intervals) texts.push_back(recorder.text_of(interval));
  return texts;
}

TEST(GoroutineIntervals, AreNotStretchedWhereTheFileEndsInAGeneration) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 1, Undetermined, Running, 0)
      .create(110, 1, 7, "main.work")
      .block(120, 1, "sleep")
      .start(200, 7)
      .create(210, 7, 8, "main.more");
  Recorder& found = fold_anyhow(trace, 300, 150);
  EXPECT_THAT(texts(found, found.stays),
              ElementsAre("g1 Running 100~..120 seen 101", "g1 Waiting 120..150! 'sleep'",
                          "g7 Runnable 110..200 later", "g7 Running 200..200!",
                          "g8 Runnable 210..210! never"));
  EXPECT_THAT(texts(found, found.lives),
              ElementsAre("g1 life 100~..150~", "g7 life 110..200~", "g8 life 210..210~ never"));
}

TEST(GoroutineIntervals, FollowALifeFromCreationToEnd) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 1, Undetermined, Running, 0)
      .create(110, 1, 7, "main.work")
      .block(120, 1, "sleep")
      .start(130, 7)
      .block(140, 7, "chan receive")
      .unblock(150, -1, 7)
      .start(160, 7)
      .syscall(170, 7)
      .syscall_end(180, 7)
      .stop(190, 7)
      .start(195, 7)
      .destroy(200, 7);
  Recorder& found = fold_anyhow(trace, 300);
  EXPECT_THAT(texts(found, found.stays),
              ElementsAre("g1 Running 100~..120 seen 101", "g1 Waiting 120..300~ 'sleep'",
                          "g7 Runnable 110..130 later", "g7 Running 130..140",
                          "g7 Waiting 140..150 'chan receive'", "g7 Runnable 150..160",
                          "g7 Running 160..170", "g7 Syscall 170..180", "g7 Running 180..190",
                          "g7 Runnable 190..195 'preempted'", "g7 Running 195..200"));
  EXPECT_THAT(texts(found, found.lives), ElementsAre("g1 life 100~..300~", "g7 life 110..200"));
  EXPECT_EQ(std::get<2>(found.roots.back()), "main.work");
}

TEST(GoroutineIntervals, SayWhoBeganAndEndedThem) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 1, Undetermined, Running, 3)
      .status(102, 2, Undetermined, Waiting)
      .unblock(110, 1, 2)
      .start(120, 2, 4);
  Recorder& found = fold_anyhow(trace, 200);
  const Interval& runnable = found.stays[2];
  ASSERT_EQ(found.text_of(runnable), "g2 Runnable 110..120 later");
  EXPECT_EQ(runnable.start_by, GoID{1});
  EXPECT_EQ(runnable.start_event, wire::EventType::GoUnblock);
  EXPECT_EQ(runnable.end_by, kNoGoroutine);
  EXPECT_EQ(runnable.end_proc, ProcID{4});
  EXPECT_EQ(runnable.end_thread, ThreadID{104});
  EXPECT_EQ(runnable.end_event, wire::EventType::GoStart);
  EXPECT_THAT(found.text(), HasSubstr("wake at file.go:7"));
}

TEST(GoroutineIntervals, KnowNoEndWhereTheEventIsGuessed) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 1, Undetermined, Running)
      .create(110, 1, 2, "work")
      .start(120, 2)
      .stop(130, 2)
      .start(140, 2)
      .guessed()
      .stop(150, 2)
      .start(160, 2);
  Recorder& found = fold_anyhow(trace, 200);
  std::vector<Edge> edges;
  for (const Interval& stay : found.stays) {
    if (stay.goroutine != GoID{2}) continue;
    edges.push_back(stay.start_edge);
    edges.push_back(stay.end_edge);
  }
  using enum Edge;
  EXPECT_THAT(edges, ElementsAre(Seen, Seen, Seen, Seen, Seen, Guess, Guess, Seen, Seen, Seen, Seen,
                                 Trace));
}

TEST(GoroutineIntervals, TellWhetherAGoroutineHadRunBefore) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 1, Undetermined, Runnable)  // never runs
      .status(102, 2, Undetermined, Syscall)   // returns, and then runs
      .status(103, 3, Undetermined, Syscall)   // returns without a proc, and never runs
      .syscall_end_blocked(110, 3)
      .syscall_end_blocked(120, 2)
      .start(130, 2)
      .stop(140, 2)
      .start(150, 2);
  Recorder& found = fold_anyhow(trace, 200);
  EXPECT_THAT(
      texts(found, found.stays),
      ElementsAre("g1 Runnable 100~..200~ seen 101 never", "g2 Syscall 100~..120 seen 102 later",
                  "g2 Runnable 120..130 later", "g2 Running 130..140",
                  "g2 Runnable 140..150 'preempted'", "g2 Running 150..200~",
                  "g3 Syscall 100~..110 seen 103 never", "g3 Runnable 110..200~ never"));
}

TEST(GoroutineIntervals, WaitingForEverEndsALife) {
  TestTrace trace;
  trace.sync(100).status(101, 1, Undetermined, Running).block(150, 1, "forever");
  Recorder& found = fold_anyhow(trace, 200);
  EXPECT_THAT(texts(found, found.stays), ElementsAre("g1 Running 100~..150 seen 101"));
  EXPECT_THAT(texts(found, found.lives), ElementsAre("g1 life 100~..150"));
}

TEST(GoroutineIntervals, CallbacksUseIdsAgain) {
  TestTrace trace;
  trace.sync(100)
      .create_callback(110, 5)
      .syscall_end_blocked(115, 5)
      .start(120, 5)
      .syscall(130, 5)
      .destroy_syscall(140, 5)
      .create_callback(150, 5)
      .destroy_syscall(160, 5);
  const AnalysisFolds folds = recorder_folds();
  const auto fold =
      fold_pieces(folds, std::vector<TestPiece>{{trace.records(), &trace.tables(), 1}});
  Recorder& found = finish_recorder(*fold, 200);
  EXPECT_THAT(texts(found, found.lives),
              ElementsAre("g5 life 110..140 callback", "g5 life 150..160 never callback"));
}

TEST(GoroutineIntervals, KnowWhenASyscallLosesItsProc) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 1, Undetermined, Running, 0)
      .status(102, 2, Undetermined, Running, 1)
      .syscall(110, 1, 0)
      .syscall(111, 2, 1)
      .proc_steal(120, 0)
      .proc_start(121, 0)
      .syscall_end(125, 2, 1)
      .proc_stop(126, 1)  // not any more: the goroutine has returned
      .proc_stop(130, 0)  // not again
      .syscall_end_blocked(140, 1);
  Recorder& found = fold_anyhow(trace, 200);
  EXPECT_THAT(found.stay_texts(),
              testing::IsSupersetOf({"g1 Syscall 110..140 lost 120", "g2 Syscall 111..125"}));
}

TEST(GoroutineIntervals, CrossGenerations) {
  TestTrace first;
  first.sync(100)
      .status(101, 1, Undetermined, Running, 0)
      .create(110, 1, 7, "main.work")
      .block(120, 1, "select", "main.wait");
  TestTrace second;  // ids of strings and stacks mean other things
  second.stack({"something", "else"});
  second.sync(200, 2).restate(201, 7, Runnable).start(210, 7).restate(290, 1, Waiting);
  TestTrace third;
  third.sync(300, 3).restate(301, 7, Running).unblock(310, 7, 1).destroy(320, 7).start(330, 1);
  const AnalysisFolds folds = recorder_folds();
  const std::vector<TestPiece> pieces{{first.records(), &first.tables(), 1},
                                      {second.records(), &second.tables(), 2},
                                      {third.records(), &third.tables(), 3}};
  const auto fold = fold_pieces(folds, pieces);
  Recorder& found = finish_recorder(*fold, 400);
  EXPECT_THAT(found.stay_texts(),
              ElementsAre("g1 Running 100~..120 seen 101", "g1 Waiting 120..310 'select'",
                          "g1 Runnable 310..330", "g1 Running 330..400~",
                          "g7 Runnable 110..210 later", "g7 Running 210..320"));
  EXPECT_THAT(found.text(), HasSubstr("main.wait at file.go:7"));
}

TEST(GoroutineIntervals, EndWhereTheTraceContradictsItself) {
  TestTrace trace;
  trace.sync(100)
      .status(101, 1, Undetermined, Running)
      .unblock(110, -1, 1)        // was running
      .block(120, 1, "select")    // was runnable
      .restate(130, 1, Runnable)  // was waiting
      .create(140, -1, 1, "main.other")
      .start(150, 9)     // never heard of
      .destroy(160, 8);  // neither
  Recorder& found = fold_anyhow(trace, 200);
  EXPECT_THAT(found.stay_texts(),
              ElementsAre("g1 Running 100~..110? seen 101", "g1 Runnable 110..120?",
                          "g1 Waiting 120..130? 'select'", "g1 Runnable 130!..140?",
                          "g1 Runnable 140..200~ never", "g9 Running 150..200~"));
  EXPECT_THAT(texts(found, found.lives),
              ElementsAre("g1 life 100~..140!", "g1 life 140..200~ never", "g8 life 160!..160",
                          "g9 life 150!..200~"));
}

TEST(GoroutineIntervals, EndWhereGenerationsAreMissing) {
  TestTrace first;
  first.sync(100)
      .status(101, 1, Undetermined, Runnable)
      .status(102, 2, Undetermined, Waiting)
      .status(110, 3, Undetermined, Waiting);
  TestTrace last;
  last.sync(500, 2).restate(501, 1, Runnable).restate(502, 2, Running).start(510, 1);
  const AnalysisFolds folds = recorder_folds();
  const std::vector<TestPiece> pieces{{first.records(), &first.tables(), 1},
                                      {last.records(), &last.tables(), 4}};
  const auto fold = fold_pieces(folds, pieces);
  Recorder& found = finish_recorder(*fold, 600);
  EXPECT_THAT(found.stay_texts(),
              ElementsAre("g1 Runnable 100~..110! seen 101 later", "g1 Runnable 501!..510 later",
                          "g1 Running 510..600~", "g2 Waiting 100~..110! seen 102 later",
                          "g2 Running 502!..600~", "g3 Waiting 100~..110! seen 110 never"));
  EXPECT_THAT(texts(found, found.lives),
              ElementsAre("g1 life 100~..600~", "g2 life 100~..600~", "g3 life 100~..110! never"));
}

TEST(GoroutineIntervals, WhatIsNotRestatedIsGone) {
  const AnalysisFolds folds = recorder_folds();
  std::vector<TestTrace> traces(3);
  traces[0].sync(100).status(101, 1, Undetermined, Waiting).status(102, 2, Undetermined, Waiting);
  traces[1].sync(200, 2).restate(201, 1, Waiting).create(210, -1, 3, "main.work");
  traces[2].sync(300, 3).restate(301, 1, Waiting);
  std::vector<TestPiece> pieces;
  for (const TestTrace& trace : traces) {
    pieces.push_back({trace.records(), &trace.tables(), pieces.size() + 1});
  }
  const auto whole = fold_pieces(folds, pieces);
  Recorder& found = finish_recorder(*whole, 400);
  EXPECT_THAT(texts(found, found.lives),
              ElementsAre("g1 life 100~..400~ never", "g2 life 100~..102! never",
                          "g3 life 210..210! never"));
  // What is missing of the last generation may have mentioned it.
  const auto cut = fold_pieces(folds, pieces);
  Recorder& known = finish_recorder(*cut, 400, 300);
  EXPECT_THAT(texts(known, known.lives),
              ElementsAre("g1 life 100~..300~ never", "g2 life 100~..102! never",
                          "g3 life 210..300~ never"));
}

TEST(GoroutineIntervals, APieceOfATraceStandsAlone) {
  TestTrace trace;
  trace.sync(200, 5).restate(201, 1, Runnable).start(210, 1).unblock(220, 1, 2);
  const AnalysisFolds folds = recorder_folds();
  const auto fold =
      fold_pieces(folds, std::vector<TestPiece>{{trace.records(), &trace.tables(), 5}});
  Recorder& found = finish_recorder(*fold, 300);
  EXPECT_THAT(found.stay_texts(),
              ElementsAre("g1 Runnable 201~..210 later", "g1 Running 210..300~",
                          "g2 Waiting 220~..220 never", "g2 Runnable 220..300~ never"));
}

TEST(GoroutineIntervals, OddIdsAreNoGoroutines) {
  TestTrace trace;
  trace.sync(100)
      .block(110, -1, "select")
      .destroy(120, -1)
      .start(130, -1)
      .create(140, -1, -1, "f")
      .status(150, -1, Undetermined, Running)
      .status(160, 1, Undetermined, Undetermined);
  Recorder& found = fold_anyhow(trace, 200);
  EXPECT_THAT(texts(found, found.lives), testing::SizeIs(1));
}

}  // namespace
}  // namespace marey::analysis
