// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/analyses.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/analysis/blocking.h"
#include "src/analysis/c_calls.h"
#include "src/analysis/cpu_functions.h"
#include "src/analysis/creations.h"
#include "src/analysis/garbage_collection.h"
#include "src/analysis/gc_cycles.h"
#include "src/analysis/goroutine_groups.h"
#include "src/analysis/goroutine_list.h"
#include "src/analysis/latency_places.h"
#include "src/analysis/mark_assists.h"
#include "src/analysis/metrics.h"
#include "src/analysis/mutator_utilization.h"
#include "src/analysis/preemptions.h"
#include "src/analysis/procs.h"
#include "src/analysis/profile.h"
#include "src/analysis/regions.h"
#include "src/analysis/scheduler_latency.h"
#include "src/analysis/stop_the_world.h"
#include "src/analysis/task_events.h"
#include "src/analysis/task_gc.h"
#include "src/analysis/task_tails.h"
#include "src/analysis/task_types.h"
#include "src/analysis/threads.h"
#include "src/analysis/trace_counts.h"
#include "src/analysis/usage.h"
#include "src/analysis/wakes.h"

namespace marey::analysis {

using Analyses = std::vector<std::unique_ptr<Analysis>>;

namespace {

template <class... A>
Analyses list(std::unique_ptr<A>... analyses) {
  Analyses list;
  (list.push_back(std::move(analyses)), ...);
  return list;
}

struct Question {
  std::string_view name;
  Analyses (*make)(const Vocabulary& vocabulary, const Scope& scope);
};

/// Adding a question is one entry here, and a command in cli/commands.cc.
constexpr Question kQuestions[] = {
    {"goroutines",
     [](const Vocabulary& vocabulary, const Scope&) {
       return list(
           std::make_unique<GoroutineGroups>(vocabulary, GoroutineGroups::Detail::Distributions));
     }},
    {"latency",
     [](const Vocabulary&, const Scope&) {
       return list(std::make_unique<SchedulerLatency>(), std::make_unique<LatencyPlaces>(),
                   std::make_unique<Usage>(Usage::Detail::RunQueue));
     }},
    {"blocked", [](const Vocabulary&, const Scope&) { return list(std::make_unique<Blocking>()); }},
    {"unblocks", [](const Vocabulary&, const Scope&) { return list(std::make_unique<Wakes>()); }},
    {"tasks",
     [](const Vocabulary&, const Scope&) {
       return list(std::make_unique<Tasks>(), std::make_unique<TaskTails>());
     }},
    {"regions",
     [](const Vocabulary&, const Scope& scope) { return list(std::make_unique<Regions>(scope)); }},
    {"stw",
     [](const Vocabulary&, const Scope&) {
       return list(std::make_unique<StopTheWorld>(StopTheWorld::Detail::Distribution));
     }},
    {"gc",
     [](const Vocabulary&, const Scope& scope) {
       return list(std::make_unique<GarbageCollection>(), std::make_unique<GCCycles>(scope),
                   std::make_unique<MarkAssists>());
     }},
    {"mmu",
     [](const Vocabulary& vocabulary, const Scope&) {
       return list(std::make_unique<MutatorUtilization>(vocabulary, MutatorOptions{}));
     }},
    {"counters",
     [](const Vocabulary&, const Scope&) {
       return list(std::make_unique<Usage>(Usage::Detail::AllStates), std::make_unique<Metrics>(),
                   std::make_unique<Creations>());
     }},
    {"procs",
     [](const Vocabulary& vocabulary, const Scope&) { return proc_analyses(vocabulary, kStuck); }},
    {"threads",
     [](const Vocabulary& vocabulary, const Scope&) {
       return list(std::make_unique<Threads>(vocabulary), std::make_unique<CCalls>(vocabulary));
     }},
};

}  // namespace

std::vector<std::unique_ptr<Analysis>> analyses_of(std::string_view question,
                                                   const Vocabulary& vocabulary,
                                                   const Scope& scope) {
  const auto* const it = std::ranges::find(kQuestions, question, &Question::name);
  return it == std::end(kQuestions) ? Analyses{} : it->make(vocabulary, scope);
}

Analyses proc_analyses(const Vocabulary& vocabulary, Duration stuck) {
  return list(std::make_unique<Procs>(), std::make_unique<StuckProcs>(stuck),
              std::make_unique<Preemptions>(vocabulary));
}

Analyses task_analyses(const Vocabulary& vocabulary, const Scope& scope, Tasks::Detail detail) {
  // What is written about one task may all be of interest; nobody reads it of a million.
  const std::size_t most = detail == Tasks::Detail::OneTask ? 100'000 : 10'000;
  return list(std::make_unique<Tasks>(detail), std::make_unique<TaskEvents>(scope, most),
              std::make_unique<GoroutineList>(vocabulary, "total", most),
              std::make_unique<TaskGC>(scope));
}

std::vector<std::string_view> questions() {
  std::vector<std::string_view> names;
  names.reserve(std::size(kQuestions));
  for (const Question& question : kQuestions) names.push_back(question.name);
  return names;
}

Analyses report_analyses(const Vocabulary& vocabulary, const Scope& scope) {
  Analyses analyses;
  // Adding an analysis is one line here.
  analyses.push_back(std::make_unique<TraceCounts>(scope.begin(), scope.end()));
  analyses.push_back(std::make_unique<Usage>());
  analyses.push_back(std::make_unique<GoroutineGroups>(vocabulary, GoroutineGroups::Detail::Sums));
  analyses.push_back(std::make_unique<TaskTypes>(scope.begin(), scope.end()));
  analyses.push_back(std::make_unique<SchedulerLatency>());
  analyses.push_back(std::make_unique<StopTheWorld>(StopTheWorld::Detail::Sums));
  analyses.push_back(std::make_unique<GarbageCollection>());
  for (const ProfileKind kind :
       {ProfileKind::Sched, ProfileKind::Sync, ProfileKind::Net, ProfileKind::Syscall}) {
    analyses.push_back(std::make_unique<Profile>(kind, vocabulary));
  }
  analyses.push_back(std::make_unique<Blocking>(Blocking::Detail::AtEnd));
  analyses.push_back(std::make_unique<CPUFunctions>(vocabulary));
  return analyses;
}

}  // namespace marey::analysis
