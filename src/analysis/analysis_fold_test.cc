// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/analysis_fold.h"

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "marey/trace.h"

#include "src/analysis/analyses.h"
#include "src/analysis/goroutine_life.h"
#include "src/analysis/mutator_utilization.h"
#include "src/analysis/region_windows.h"
#include "src/analysis/report.h"
#include "src/analysis/task_windows.h"
#include "src/analysis/test_trace.h"
#include "src/base/json_writer.h"
#include "src/base/test_files.h"
#include "src/order/record.h"
#include "src/table/json.h"

namespace marey::analysis {
namespace {

struct Folded {
  std::unique_ptr<AnalysisFold> fold;
  index::PassResult facts;
};

constexpr std::size_t kMostPieces = 1000;

/// Folds a trace file, one fold a generation; with `seed`, each generation in pieces that are cut
/// in random places, and merged in random order. No cut goes through a callback: what a goroutine
/// did before a piece that only later learns that it is one has been handed out by then (see
/// Profile).
Folded fold_file(const std::string& path, const AnalysisFolds& folds, unsigned seed) {
  Folded result;
  auto reader = Reader::open(path);
  if (!reader) return result;
  std::mt19937 random(seed);
  // Some traces get few cuts, others many.
  const unsigned rarity = 1u << (seed % 12);
  std::vector<std::unique_ptr<index::Fold>> parts;
  Time last = 0;
  const auto begin = [&](const Event::Record& record) {
    if (!parts.empty()) parts.back()->end(last);
    parts.push_back(folds.make());
    parts.back()->begin(*record.tables, reader->generation());
  };
  std::vector<Event::Record> run;
  boost::unordered_flat_set<GoID> callbacks;
  std::span<const Event> block;
  while (reader->next_block(block) == Reader::Status::Event) {
    const auto flush = [&] {
      if (!run.empty()) parts.back()->events(run);
      run.clear();
    };
    for (const Event& event : block) {
      const Event::Record& record = event.record();
      if (result.facts.events++ == 0) result.facts.first_time = record.time;
      result.facts.last_time = result.facts.known_until = record.time;
      result.facts.events_by_type[record.type]++;
      if (record.type == order::kSyncType && record.tables == nullptr) continue;  // the last one
      if (parts.empty() || record.type == order::kSyncType ||
          (seed != 0 && callbacks.empty() && parts.size() < kMostPieces &&
           random() % rarity == 0)) {
        flush();
        begin(record);
      }
      const auto type = static_cast<wire::EventType>(record.type);
      if (type == wire::EventType::GoCreateSyscall) {
        callbacks.insert(GoID{static_cast<std::int64_t>(record.args[0])});
      } else if (type == wire::EventType::GoDestroySyscall) {
        callbacks.erase(record.goroutine);
      }
      run.push_back(record);
      last = record.time;
    }
    flush();
  }
  if (parts.empty()) return result;
  parts.back()->end(last);
  while (parts.size() > 1) {
    const std::size_t i = seed == 0 ? 0 : random() % (parts.size() - 1);
    parts[i]->merge(*parts[i + 1]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  result.fold.reset(static_cast<AnalysisFold*>(parts.front().release()));
  return result;
}

std::string report_text(Folded folded) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object();
  write_json(json, make_report(folded.facts, folded.fold.get()));
  json.end_object();
  // A line for each row, so that a failure shows which one it is.
  boost::replace_all(text, "},{", "},\n{");
  return text;
}

std::vector<std::string> traces(const char* directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(base::test_file(directory))) {
    if (entry.path().extension() == ".trace") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

/// The stays of each goroutine follow each other without a gap from its beginning to its end.
void expect_whole_lives(const Recorder& found, const std::string& path) {
  auto stay = found.stays.begin();
  for (const Interval& life : found.lives) {
    Time at = life.start;
    for (; stay != found.stays.end() && stay->goroutine == life.goroutine && stay->start < life.end;
         ++stay) {
      ASSERT_EQ(stay->start, at) << path << ": " << found.text_of(*stay);
      ASSERT_GE(stay->end, stay->start) << path << ": " << found.text_of(*stay);
      at = stay->end;
    }
    ASSERT_EQ(at, life.end) << path << ": " << found.text_of(life);
  }
  ASSERT_EQ(stay, found.stays.end()) << path << ": " << found.text_of(*stay);
}

/// Where two long texts first differ; empty if they do not. (What the test framework would show, a
/// shortest edit script, takes memory with the square of their length.)
std::string first_difference(const std::string& found, const std::string& expected) {
  const auto [f, e] = std::ranges::mismatch(found, expected);
  if (f == found.end() && e == expected.end()) return "";
  const auto line = [&](const std::string& text, std::string::const_iterator at) {
    const auto offset = static_cast<std::size_t>(at - text.begin());
    const std::size_t begin = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
    return text.substr(begin, std::min<std::size_t>(text.find('\n', offset), text.size()) - begin);
  };
  return "found:    " + line(found, f) + "\nexpected: " + line(expected, e);
}

class Traces : public testing::TestWithParam<const char*> {};

TEST_P(Traces, SayTheSameHoweverTheyAreCut) {
  const std::vector<std::string> paths = traces(GetParam());
  ASSERT_FALSE(paths.empty());
  unsigned seed = 1;
  for (const std::string& path : paths) {
    const AnalysisFolds folds = recorder_folds();
    Folded whole = fold_file(path, folds, 0);
    if (whole.fold == nullptr) continue;
    Recorder& expected = finish_recorder(*whole.fold, whole.facts.last_time);
    const std::string text = expected.text();
    for (int i = 0; i < 3; i++, seed++) {
      Folded cut = fold_file(path, folds, seed);
      Recorder& found = finish_recorder(*cut.fold, cut.facts.last_time);
      ASSERT_EQ(first_difference(found.text(), text), "") << path << " cut with seed " << seed;
    }
  }
}

TEST_P(Traces, ReportTheSameHoweverTheyAreCut) {
  unsigned seed = 1;
  for (const std::string& path : traces(GetParam())) {
    const AnalysisFolds folds = report_folds();
    Folded whole = fold_file(path, folds, 0);
    if (whole.fold == nullptr) continue;
    const std::string text = report_text(std::move(whole));
    for (int i = 0; i < 2; i++, seed++) {
      ASSERT_EQ(first_difference(report_text(fold_file(path, folds, seed)), text), "")
          << path << " cut with seed " << seed;
    }
  }
}

/// What a question finds, also where it is about a part of the trace.
std::string answer_text(Folded folded) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_array();
  const Findings findings = folded.fold->finish(folded.facts);
  for (const table::Table& table : findings.tables) write_json(json, table);
  for (const table::Chart& chart : findings.charts) write_json(json, chart);
  json.end_array();
  boost::replace_all(text, "},{", "},\n{");
  return text;
}

TEST_P(Traces, AnswerTheSameHoweverTheyAreCut) {
  unsigned seed = 1;
  for (const std::string& path : traces(GetParam())) {
    const Folded plain = fold_file(path, report_folds(), 0);
    if (plain.fold == nullptr) continue;
    const Time begin = plain.facts.first_time;
    const Duration length = elapsed(begin, plain.facts.last_time);
    Scope third;
    third.set_range(begin + length / 3, begin + length / 3 * 2 + 1);
    for (const std::string_view question : questions()) {
      for (const Scope& scope : {Scope{}, third}) {
        const AnalysisFolds folds(
            [&](const Vocabulary& vocabulary) { return analyses_of(question, vocabulary, scope); },
            scope);
        Folded whole = fold_file(path, folds, 0);
        const std::string text = answer_text(std::move(whole));
        ASSERT_EQ(first_difference(answer_text(fold_file(path, folds, ++seed)), text), "")
            << question << " of " << path << " cut with seed " << seed;
      }
    }
  }
}

/// Of some goroutines, old and new.
TEST_P(Traces, TellLivesTheSameHoweverTheyAreCut) {
  unsigned seed = 1;
  for (const std::string& path : traces(GetParam())) {
    const Folded plain = fold_file(path, report_folds(), 0);
    if (plain.fold == nullptr) continue;
    const Time begin = plain.facts.first_time;
    const Duration length = elapsed(begin, plain.facts.last_time);
    Scope third;
    third.set_range(begin + length / 3, begin + length / 3 * 2 + 1);
    for (const Scope& scope : {Scope{}, third}) {
      const AnalysisFolds folds(
          [&scope](const Vocabulary& vocabulary) {
            std::vector<std::unique_ptr<Analysis>> analyses;
            for (const std::int64_t goroutine : {1, 7, 18, 22, 30, 36, 40}) {
              analyses.push_back(
                  std::make_unique<GoroutineLife>(vocabulary, scope, GoID{goroutine}));
            }
            return analyses;
          },
          scope);
      const std::string text = answer_text(fold_file(path, folds, 0));
      for (int i = 0; i < 2; i++) {
        ASSERT_EQ(first_difference(answer_text(fold_file(path, folds, ++seed)), text), "")
            << path << " cut with seed " << seed;
      }
    }
  }
}

/// What somebody may ask for: a region, or a task.
struct Wish {
  std::string region;              ///< "": none
  std::optional<WantedTask> task;  ///< nothing: none
};

/// The time of goroutines that it is, and the tasks.
Scope scope_of(const std::string& path, const Wish& wish, unsigned seed) {
  const AnalysisFolds folds([&wish](const Vocabulary& vocabulary) {
    std::vector<std::unique_ptr<Analysis>> analyses;
    analyses.push_back(std::make_unique<RegionWindows>(vocabulary, wish.region));
    analyses.push_back(
        std::make_unique<TaskWindows>(vocabulary, wish.task.value_or(WantedTask(kNoTask))));
    return analyses;
  });
  Folded folded = fold_file(path, folds, seed);
  folded.fold->finish(Ending(folded.facts.last_time, folded.facts.known_until));
  Scope scope;
  if (!wish.region.empty()) {
    scope.restrict_to(static_cast<RegionWindows&>(*folded.fold->analyses()[0]).take_windows());
  }
  if (wish.task) {
    const auto& tasks = static_cast<const TaskWindows&>(*folded.fold->analyses()[1]);
    scope.restrict_to(tasks.windows());
    scope.set_tasks(tasks.ids());
  }
  return scope;
}

/// The first region and the first task of a trace, and the tasks of its type.
std::vector<Wish> wishes_for(const std::string& path) {
  std::vector<Wish> wishes;
  auto reader = Reader::open(path);
  if (!reader) return wishes;
  std::optional<TaskID> task;
  Event event;
  while (reader->next(event) == Reader::Status::Event) {
    if (event.kind() == EventKind::RegionBegin && wishes.empty()) {
      wishes.push_back({std::string(event.region().type), std::nullopt});
    } else if (event.kind() == EventKind::TaskBegin && !task) {
      task = event.task().id;
      wishes.push_back({"", *task});
      wishes.push_back({"", std::string(event.task().type)});
    }
  }
  return wishes;
}

/// What is found on the way to a part of a trace, and of what it is about.
TEST_P(Traces, AnswerForRegionsAndTasksTheSameHoweverTheyAreCut) {
  unsigned seed = 1;
  for (const std::string& path : traces(GetParam())) {
    for (const Wish& wish : wishes_for(path)) {
      const Scope scope = scope_of(path, wish, 0);
      const Scope cut_scope = scope_of(path, wish, ++seed);
      for (const bool of_regions : {true, false}) {
        const auto text_of = [&](const Scope& part, unsigned cut) {
          const AnalysisFolds folds(
              [&](const Vocabulary& vocabulary) {
                return of_regions ? analyses_of("regions", vocabulary, part)
                                  : task_analyses(vocabulary, part, Tasks::Detail::Types);
              },
              part);
          return answer_text(fold_file(path, folds, cut));
        };
        ASSERT_EQ(first_difference(text_of(cut_scope, ++seed), text_of(scope, 0)), "")
            << path << " cut with seed " << seed;
      }
    }
  }
}

/// Mutator utilization by more than what counts by default; questions() has that.
TEST_P(Traces, HaveTheSameUtilizationHoweverTheyAreCut) {
  unsigned seed = 1;
  for (const std::string& path : traces(GetParam())) {
    for (const bool per_proc : {false, true}) {
      const AnalysisFolds folds([per_proc](const Vocabulary& vocabulary) {
        MutatorOptions options;
        options.sweep = true;
        options.per_proc = per_proc;
        std::vector<std::unique_ptr<Analysis>> analyses;
        analyses.push_back(std::make_unique<MutatorUtilization>(vocabulary, options));
        return analyses;
      });
      Folded whole = fold_file(path, folds, 0);
      if (whole.fold == nullptr) break;
      const std::string text = answer_text(std::move(whole));
      for (int i = 0; i < 4; i++, seed++) {
        ASSERT_EQ(first_difference(answer_text(fold_file(path, folds, seed)), text), "")
            << path << " cut with seed " << seed;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Whole, Traces, testing::Values("testdata/traces"));
INSTANTIATE_TEST_SUITE_P(Broken, Traces, testing::Values("testdata/traces/broken"));

TEST(Lives, AreTheSumOfTheirStays) {
  for (const std::string& path : traces("testdata/traces")) {
    const AnalysisFolds folds = recorder_folds();
    Folded whole = fold_file(path, folds, 0);
    if (whole.fold == nullptr) continue;
    expect_whole_lives(finish_recorder(*whole.fold, whole.facts.last_time), path);
  }
}

}  // namespace
}  // namespace marey::analysis
