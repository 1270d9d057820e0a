// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/analysis_fold.h"

#include <algorithm>
#include <utility>

#include "src/order/record.h"

namespace marey::analysis {
namespace {

GoroutineInterests wishes_for_goroutines(std::span<const std::unique_ptr<Analysis>> analyses,
                                         const Scope& scope) {
  GoroutineInterests all;
  StateSet whole;  // whoever asks for whole intervals gets them, and then everybody does
  const auto add_states = [&](StateSet states, StateSet brief) {
    all.states = all.states | states;
    all.brief = all.brief | brief;
    whole = whole | (states - brief);
  };
  for (const auto& analysis : analyses) {
    const Interests interests = analysis->interests();
    add_states(interests.states, interests.brief);
    all.roots |= interests.roots;
    all.proc_lost |= interests.proc_lost;
    all.stacks |= interests.stacks;
    if (interests.annotations) {
      add_states(AnnotationIntervals::kStates, AnnotationIntervals::kBrief);
      all.proc_lost = true;
    }
  }
  // What is cut to a part of the trace has ends that others have not.
  all.brief = scope.is_everything() ? all.brief - whole : StateSet{};
  return all;
}

}  // namespace

AnalysisFold::AnalysisFold(std::shared_ptr<Vocabulary> vocabulary,
                           std::shared_ptr<const Scope> scope,
                           std::vector<std::unique_ptr<Analysis>> analyses)
    : vocabulary_(std::move(vocabulary)),
      scope_(std::move(scope)),
      analyses_(std::move(analyses)),
      translation_(*vocabulary_),
      goroutines_(wishes_for_goroutines(analyses_, *scope_), translation_, *this),
      ranges_(translation_, goroutines_),
      procs_(goroutines_.timeline()),
      collector_(translation_, goroutines_.timeline()) {
  Interests all;
  for (const auto& analysis : analyses_) {
    interests_.push_back(analysis->interests());
    all.procs |= interests_.back().procs || interests_.back().idle_procs;
    all.idle_procs |= interests_.back().idle_procs;
    all.proc_lost |= interests_.back().proc_lost;
    all.ranges |= interests_.back().ranges;
    all.collector |= interests_.back().collector;
    all.stops |= interests_.back().stops;
    all.events |= interests_.back().events | interests_.back().unscoped_events;
    all.states = all.states | interests_.back().states;
    if (interests_.back().annotations) {
      all.states = all.states | AnnotationIntervals::kStates;
      all.proc_lost = all.ranges = all.annotations = true;
    }
    threads_ |= interests_.back().threads;
    const StateSet wanted = interests_.back().states;
    for (std::size_t state = 0; state < kGoStateCount; state++) {
      const bool wants = static_cast<GoState>(state) == GoState::NotExist
                             ? !wanted.empty()
                             : wanted.has(static_cast<GoState>(state));
      if (wants) takers_[state].push_back(interests_.size() - 1);
    }
  }
  if (all.annotations) annotations_.emplace(translation_, goroutines_);
  for (std::size_t type = 0; type < routes_.size(); type++) {
    const auto number = static_cast<std::uint8_t>(type);
    if (!all.states.empty() && goroutines_.handles(number)) routes_[type] |= ToGoroutines;
    if ((all.procs || all.proc_lost) && is_proc_change(number)) routes_[type] |= ToProcs;
    if (all.ranges && RangeIntervals::handles(number)) routes_[type] |= ToRanges;
    if (all.stops && number == order::type_number(wire::EventType::STWBegin)) {
      routes_[type] |= ToStops;
    }
    if (all.collector && CollectorIntervals::handles(number)) routes_[type] |= ToCollector;
    if (all.events.test(type)) routes_[type] |= ToEvents;
    if (all.annotations && AnnotationIntervals::handles(number)) routes_[type] |= ToAnnotations;
    if (routes_[type] == ToGoroutines) goroutines_.set_only_here(number);
    if (routes_[type] == ToCollector) collector_.set_only_here(number);
  }
  routes_[order::kSyncType] |= ToTimeline;
  if (all.idle_procs) procs_.want_idle();
}

index::EventTypes AnalysisFold::types() const {
  index::EventTypes types;
  for (std::size_t type = 0; type < routes_.size(); type++) {
    types.set(type, threads_ || routes_[type] != 0);
  }
  return types;
}

void AnalysisFold::begin(const wire::Tables& tables, std::uint64_t generation) {
  translation_.begin(tables);
  goroutines_.begin(generation);
}

void AnalysisFold::events(std::span<const Event::Record> events) {
  if (events.empty()) return;
  std::uint8_t seen = 0;
  const Event::Record* const last = events.data() + events.size();
  for (const Event::Record* record = events.data(); record != last;) {
    const std::uint8_t route = routes_[record->type];
    seen |= route;
    if (route == 0) {
      record++;
    } else if (route == ToGoroutines) {
      record = goroutines_.events(record, last);
    } else if (route == ToCollector) {
      record = collector_.events(record, last);
    } else {
      event(*record++, route);
    }
  }
  if (threads_) hand_out_threads(events);
  if ((seen & ToRanges) != 0) hand_out_ranges();
  if ((seen & ToProcs) != 0) hand_out_procs();
  if ((seen & ToAnnotations) != 0) hand_out_annotations();
  if ((seen & ToCollector) != 0) hand_out_collector();
  if ((seen & ToEvents) != 0) hand_out_events();
}

void AnalysisFold::event(const Event::Record& record, std::uint8_t route) {
  if ((route & ToGoroutines) != 0) goroutines_.event(record);
  if ((route & ToProcs) != 0) {
    const ProcChange change = *proc_change(record);
    procs_.change(change, record);
    if (change.from != change.to && change.to == ProcState::Idle) {
      goroutines_.proc_stopped(change.proc, record.time);
    }
  }
  if ((route & ToRanges) != 0) ranges_.event(record);
  if ((route & ToStops) != 0) hand_out_stop(record);
  if ((route & ToAnnotations) != 0) {
    // Which intervals come before it matters.
    hand_out_ranges();
    goroutines_.flush();
    annotations_->event(record);
  }
  if ((route & ToCollector) != 0) collector_.event(record);
  if ((route & ToEvents) != 0) events_.push_back(&record);
  if ((route & ToTimeline) != 0) goroutines_.sync(record.time, record.args[0] == 1);
}

void AnalysisFold::end(Time last) {
  goroutines_.end(last);
  goroutines_.flush();
  hand_out_ranges();
  hand_out_procs();
  hand_out_annotations();
  translation_.end();
}

void AnalysisFold::merge(index::Fold& next) {
  // All folds of a pass come from one maker.
  auto& following = static_cast<AnalysisFold&>(next);
  const SlotMap slots = goroutines_.align(following.goroutines_);
  for (std::size_t i = 0; i < analyses_.size(); i++) {
    analyses_[i]->merge(*following.analyses_[i], slots);
  }
  if (annotations_) annotations_->begin_merge(*following.annotations_, slots);
  ranges_.merge(following.ranges_, slots);
  procs_.merge(following.procs_);
  collector_.merge(following.collector_);
  hand_out_ranges();
  hand_out_procs();
  hand_out_collector();
  goroutines_.stitch(following.goroutines_, slots);
  if (annotations_) annotations_->finish_merge(*following.annotations_, slots);
  hand_out_annotations();
}

void AnalysisFold::finish(const Ending& ending) {
  ranges_.finish(ending);
  procs_.finish(ending);
  collector_.finish(ending);
  hand_out_ranges();
  hand_out_procs();
  hand_out_collector();
  goroutines_.finish(ending);
  if (annotations_) annotations_->finish(ending);
  hand_out_annotations();
}

Findings AnalysisFold::finish(const index::PassResult& result) {
  finish(Ending(result.last_time, result.known_until));
  // Charts and shares are of the time that was asked for.
  TraceContext context{std::max(result.first_time, scope_->begin()),
                       std::min(result.last_time, scope_->end()),
                       *vocabulary_,
                       result.info.v1,
                       scope_->has_windows(),
                       collector_.proc_counts()};
  context.end = std::max(context.end, context.begin);
  Findings findings;
  for (const auto& analysis : analyses_) analysis->finish(context, findings);
  return findings;
}

template <class T>
AnalysisFold::Views<T> AnalysisFold::views_of(std::span<const T> all, Scoped<T>& scoped) const {
  if (scope_->is_everything()) return {all, all, all};
  scoped.parts.clear();
  scoped.wholes.clear();
  apply(*scope_, all, scoped.parts, scoped.wholes);
  return {scoped.parts, scoped.wholes, all};
}

void AnalysisFold::take(std::span<const Interval> intervals) {
  const GoState state = intervals.front().state;
  // What a goroutine did in ranges belongs to its life.
  if (state == GoState::NotExist) hand_out_ranges();
  if (annotations_) annotations_->intervals(intervals);
  const auto views = views_of(intervals, scoped_intervals_);
  for (const std::size_t i : takers_[static_cast<std::size_t>(state)]) {
    const std::span<const Interval> view = views[interests_[i].states_view];
    if (!view.empty()) analyses_[i]->intervals(view, goroutines_.table());
  }
}

void AnalysisFold::take(GoState state, std::span<const BriefStay> stays) {
  if (annotations_) annotations_->stays(state, stays);
  for (const std::size_t i : takers_[static_cast<std::size_t>(state)]) {
    analyses_[i]->stays(state, stays, goroutines_.table());
  }
}

void AnalysisFold::hand_out_ranges() {
  std::vector<RangeInterval>& finished = ranges_.finished();
  if (finished.empty()) return;
  if (annotations_) annotations_->ranges(finished);
  const auto views = views_of(std::span<const RangeInterval>(finished), scoped_ranges_);
  for (std::size_t i = 0; i < analyses_.size(); i++) {
    if (interests_[i].ranges) analyses_[i]->ranges(views[interests_[i].ranges_view]);
  }
  finished.clear();
}

void AnalysisFold::hand_out_procs() {
  hand_out_procs(procs_.finished(), &Interests::procs, &Analysis::procs);
  hand_out_procs(procs_.finished_idle(), &Interests::idle_procs, &Analysis::idle_procs);
}

void AnalysisFold::hand_out_procs(std::vector<ProcInterval>& finished, bool Interests::* interested,
                                  void (Analysis::*hand_out)(std::span<const ProcInterval>)) {
  if (finished.empty()) return;
  std::span<const ProcInterval> parts = finished;
  if (!scope_->is_everything()) {
    scoped_procs_.clear();
    apply(*scope_, finished, scoped_procs_);
    parts = scoped_procs_;
  }
  for (std::size_t i = 0; i < analyses_.size(); i++) {
    if (!(interests_[i].*interested)) continue;
    const bool all = interests_[i].procs_view == View::All;
    (analyses_[i].get()->*hand_out)(all ? std::span<const ProcInterval>(finished) : parts);
  }
  finished.clear();
}

void AnalysisFold::hand_out_stop(const Event::Record& record) {
  goroutines_.flush();
  for (std::size_t i = 0; i < analyses_.size(); i++) {
    if (interests_[i].stops) analyses_[i]->stop_begins(record);
  }
}

void AnalysisFold::hand_out_annotations() {
  if (!annotations_) return;
  std::vector<RegionInterval>& regions = annotations_->finished_regions();
  std::vector<TaskInterval>& tasks = annotations_->finished_tasks();
  const auto hand_out = [&](bool all) {
    for (std::size_t i = 0; i < analyses_.size(); i++) {
      if (!interests_[i].annotations) continue;
      if ((interests_[i].annotations_view == View::All) != all) continue;
      if (!regions.empty()) analyses_[i]->regions(regions);
      if (!tasks.empty()) analyses_[i]->tasks(tasks);
    }
  };
  hand_out(true);
  if (!scope_->is_everything()) {
    std::erase_if(regions, [this](const RegionInterval& region) {
      return !scope_->has(region.goroutine, region.end);
    });
    std::erase_if(tasks, [this](const TaskInterval& task) { return !scope_->has(task); });
  }
  hand_out(false);
  regions.clear();
  tasks.clear();
}

void AnalysisFold::hand_out_collector() {
  std::vector<CollectorInterval>& finished = collector_.finished();
  if (finished.empty()) return;
  std::span<const CollectorInterval> parts = finished;
  if (!scope_->is_everything()) {
    scoped_collector_.clear();
    apply(*scope_, finished, scoped_collector_);
    parts = scoped_collector_;
  }
  for (std::size_t i = 0; i < analyses_.size(); i++) {
    if (!interests_[i].collector) continue;
    analyses_[i]->collector(interests_[i].collector_view == View::All ? finished : parts);
  }
  finished.clear();
}

bool AnalysisFold::is_in_scope(const Event::Record& record) const {
  return scope_->is_everything() || scope_->has(record.goroutine, record.time);
}

void AnalysisFold::hand_out_threads(std::span<const Event::Record> events) {
  thread_runs_.clear();
  for (const Event::Record& record : events) {
    if (!is_in_scope(record)) continue;
    if (!thread_runs_.empty() && thread_runs_.back().thread == record.thread) {
      thread_runs_.back().last = record.time;
    } else {
      thread_runs_.push_back({record.thread, record.time, record.time});
    }
  }
  if (thread_runs_.empty()) return;
  for (std::size_t i = 0; i < analyses_.size(); i++) {
    if (interests_[i].threads) analyses_[i]->thread_runs(thread_runs_);
  }
}

void AnalysisFold::hand_out_events() {
  for (std::size_t i = 0; i < analyses_.size(); i++) {
    const auto& wanted = interests_[i].events;
    const auto& always = interests_[i].unscoped_events;
    if (wanted.none() && always.none()) continue;
    wanted_events_.clear();
    for (const Event::Record* const record : events_) {
      if (always.test(record->type) || (wanted.test(record->type) && is_in_scope(*record))) {
        wanted_events_.push_back(record);
      }
    }
    if (!wanted_events_.empty()) analyses_[i]->events(wanted_events_, translation_);
  }
  events_.clear();
}

}  // namespace marey::analysis
