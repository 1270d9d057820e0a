// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/annotation_intervals.h"
#include "src/analysis/collector_intervals.h"
#include "src/analysis/goroutine_intervals.h"
#include "src/analysis/proc_intervals.h"
#include "src/analysis/range_intervals.h"
#include "src/analysis/scope.h"
#include "src/analysis/vocabulary.h"
#include "src/index/fold.h"
#include "src/index/pass.h"

namespace marey::analysis {

/// Feeds analyses from a pass: makes whole intervals of a piece's events, hands them out, and at
/// merge() those that cross from one piece into the next.
class AnalysisFold final : public index::Fold, private IntervalTaker {
 public:
  AnalysisFold(std::shared_ptr<Vocabulary> vocabulary, std::shared_ptr<const Scope> scope,
               std::vector<std::unique_ptr<Analysis>> analyses);

  index::EventTypes types() const override;
  void begin(const wire::Tables& tables, std::uint64_t generation) override;
  void events(std::span<const Event::Record> events) override;
  void end(Time last) override;
  void merge(index::Fold& next) override;

  /// Ends the trace; intervals that are open end there. Once, after everything.
  void finish(const Ending& ending);
  /// The same, and asks the analyses what they have found.
  Findings finish(const index::PassResult& result);
  std::span<const std::unique_ptr<Analysis>> analyses() const { return analyses_; }
  const Vocabulary& vocabulary() const { return *vocabulary_; }
  const Scope& scope() const { return *scope_; }

 private:
  enum Route : std::uint8_t {
    ToGoroutines = 1,
    ToProcs = 2,
    ToRanges = 4,
    ToEvents = 8,
    ToTimeline = 16,
    ToAnnotations = 32,
    ToCollector = 64,
    ToStops = 128,
  };

  template <class T>
  struct Scoped {
    std::vector<T> parts;
    std::vector<T> wholes;
  };
  template <class T>
  struct Views {
    std::span<const T> parts;
    std::span<const T> wholes;
    std::span<const T> all;

    std::span<const T> operator[](View view) const {
      return view == View::Parts ? parts : view == View::Wholes ? wholes : all;
    }
  };

  void take(std::span<const Interval> intervals) override;
  void take(GoState state, std::span<const BriefStay> stays) override;
  /// What of a batch is fed to whom; lives as long as the batch and until the next call.
  template <class T>
  Views<T> views_of(std::span<const T> all, Scoped<T>& scoped) const;
  void event(const Event::Record& record, std::uint8_t route);
  void hand_out_threads(std::span<const Event::Record> events);
  void hand_out_ranges();
  void hand_out_procs();
  void hand_out_annotations();
  void hand_out_stop(const Event::Record& record);
  /// Of those in the list, by `hand_out`, what analyses that are `interested` are to have.
  void hand_out_procs(std::vector<ProcInterval>& finished, bool Interests::* interested,
                      void (Analysis::*hand_out)(std::span<const ProcInterval>));
  void hand_out_collector();
  void hand_out_events();
  bool is_in_scope(const Event::Record& record) const;

  std::shared_ptr<Vocabulary> vocabulary_;
  std::shared_ptr<const Scope> scope_;
  std::vector<std::unique_ptr<Analysis>> analyses_;
  std::vector<Interests> interests_;                            // of each
  std::array<std::vector<std::size_t>, kGoStateCount> takers_;  // analyses, by what they ask for
  Translation translation_;
  GoroutineIntervals goroutines_;
  RangeIntervals ranges_;
  ProcIntervals procs_;
  std::optional<AnnotationIntervals> annotations_;  // if somebody asks for them
  CollectorIntervals collector_;
  std::array<std::uint8_t, 256> routes_{};
  bool threads_ = false;

  // Scratch: what of a batch lies within the scope.
  Scoped<Interval> scoped_intervals_;
  Scoped<RangeInterval> scoped_ranges_;
  std::vector<ProcInterval> scoped_procs_;
  std::vector<CollectorInterval> scoped_collector_;
  std::vector<const Event::Record*> events_;  // of the block at hand: those that somebody wants
  std::vector<const Event::Record*> wanted_events_;
  std::vector<ThreadRun> thread_runs_;
};

/// Makes the folds of a pass, with one vocabulary and one scope for all.
class AnalysisFolds final : public index::FoldMaker {
 public:
  using MakeAnalyses = std::function<std::vector<std::unique_ptr<Analysis>>(const Vocabulary&)>;

  explicit AnalysisFolds(MakeAnalyses make_analyses, Scope scope = {})
      : make_analyses_(std::move(make_analyses)),
        vocabulary_(std::make_shared<Vocabulary>()),
        scope_(std::make_shared<const Scope>(std::move(scope))) {}

  std::unique_ptr<index::Fold> make() const override {
    return std::make_unique<AnalysisFold>(vocabulary_, scope_, make_analyses_(*vocabulary_));
  }

 private:
  MakeAnalyses make_analyses_;
  std::shared_ptr<Vocabulary> vocabulary_;
  std::shared_ptr<const Scope> scope_;
};

}  // namespace marey::analysis
