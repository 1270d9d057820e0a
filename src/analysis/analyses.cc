// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/analyses.h"

#include "src/analysis/garbage_collection.h"
#include "src/analysis/goroutine_groups.h"
#include "src/analysis/profile.h"
#include "src/analysis/scheduler_latency.h"
#include "src/analysis/stop_the_world.h"
#include "src/analysis/trace_counts.h"
#include "src/analysis/usage.h"

namespace marey::analysis {

std::vector<std::unique_ptr<Analysis>> report_analyses(const Vocabulary& vocabulary) {
  std::vector<std::unique_ptr<Analysis>> analyses;
  // Adding an analysis is one line here.
  analyses.push_back(std::make_unique<TraceCounts>());
  analyses.push_back(std::make_unique<Usage>());
  analyses.push_back(std::make_unique<GoroutineGroups>(vocabulary));
  analyses.push_back(std::make_unique<SchedulerLatency>());
  analyses.push_back(std::make_unique<StopTheWorld>());
  analyses.push_back(std::make_unique<GarbageCollection>());
  for (const ProfileKind kind :
       {ProfileKind::Sched, ProfileKind::Sync, ProfileKind::Net, ProfileKind::Syscall}) {
    analyses.push_back(std::make_unique<Profile>(kind, vocabulary));
  }
  return analyses;
}

}  // namespace marey::analysis
