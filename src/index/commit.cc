// SPDX-License-Identifier: Apache-2.0
#include "src/index/commit.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace marey::index {
namespace {

using order::Assumptions;
using order::Goroutine;
using order::OpenRegion;
using order::Proc;
using order::State;
using order::Thread;

std::uint64_t key(std::int64_t id) { return static_cast<std::uint64_t>(id); }

template <class Id>
bool contains(const std::vector<Id>& sorted, Id id) {
  return std::ranges::binary_search(sorted, id);
}

template <class Id>
std::vector<Id> sorted(std::vector<Id> ids) {
  std::ranges::sort(ids);
  return ids;
}

bool goroutines_hold(const State& before, const Assumptions& assumptions) {
  // As many goroutines assumed as were alive, each of them alive with that status: then none that
  // was alive went unmentioned.
  if (assumptions.goroutines.size() != before.live_goroutines) return false;
  const auto assists = sorted(assumptions.assists);
  for (const auto& [id, status] : assumptions.goroutines) {
    const Goroutine* const goroutine = before.goroutines.find(key(id));
    if (goroutine == nullptr || goroutine->status != status) return false;
    if (goroutine->assisting != contains(assists, id)) return false;
    if (goroutine->stopping_world) return false;
  }
  return true;
}

bool procs_hold(const State& before, const Assumptions& assumptions) {
  for (const auto& [id, status] : assumptions.procs) {
    const Proc* const proc = before.procs.find(key(id));
    if (proc == nullptr || proc->status != status) return false;
  }
  const auto sweeps = sorted(assumptions.sweeps);
  for (const Proc* const proc : before.proc_list) {
    if (proc->sweeping != contains(sweeps, proc->id)) return false;
  }
  return true;
}

bool threads_hold(const State& before, const State& after) {
  for (const Thread* const thread : after.thread_list) {
    const Thread* const known = before.threads.find(key(thread->id));
    const std::int64_t proc = known == nullptr || known->proc == nullptr ? -1 : known->proc->id;
    const std::int64_t goroutine = known == nullptr ? -1 : known->goroutine;
    if (thread->proc_start == Thread::Start::Assumed && proc != thread->assumed_proc) return false;
    if (thread->goroutine_start == Thread::Start::Assumed &&
        goroutine != thread->assumed_goroutine) {
      return false;
    }
  }
  return true;
}

bool gc_holds(const State& before, const Assumptions& assumptions) {
  if (!assumptions.has_gc) return true;
  if (before.gc_state == order::GCState::Undetermined) {
    return assumptions.gc_state == order::GCState::NotRunning;  // a GCBegin: any number will do
  }
  return before.gc_state == assumptions.gc_state && before.gc_sequence == assumptions.gc_sequence;
}

/// The regions that are still open in `before`, by goroutine, after those that the run ended; false
/// where the run ended one that was not the innermost.
bool end_regions(const State& before, const Assumptions& assumptions,
                 std::unordered_map<std::int64_t, std::vector<OpenRegion>>& open) {
  for (const auto& [id, region] : assumptions.ended_regions) {
    const Goroutine* const goroutine = before.goroutines.find(key(id));
    if (goroutine == nullptr) return false;
    auto [it, is_new] = open.try_emplace(id);
    if (is_new) it->second = before.regions[goroutine->regions];
    if (it->second.empty()) continue;  // it began before the trace
    if (it->second.back() != region) return false;
    it->second.pop_back();
  }
  return true;
}

/// Completes the regions that goroutines left open with those from before the generation.
void complete_ended(const State& before, Assumptions& assumptions,
                    const std::unordered_map<std::int64_t, std::vector<OpenRegion>>& open) {
  for (order::EndedGoroutine& ended : assumptions.ended_goroutines) {
    if (!ended.assumed) continue;
    const auto it = open.find(ended.id);
    const std::vector<OpenRegion>& outer =
        it != open.end() ? it->second
                         : before.regions[before.goroutines.find(key(ended.id))->regions];
    ended.regions.insert(ended.regions.begin(), outer.begin(), outer.end());
    ended.assumed = false;
  }
}

void carry_regions(const State& before, State& after, const Assumptions& assumptions,
                   std::unordered_map<std::int64_t, std::vector<OpenRegion>>& ended) {
  for (const auto& assumed : assumptions.goroutines) {
    const Goroutine* const was = before.goroutines.find(key(assumed.id));
    if (was->regions == 0) continue;
    Goroutine* const is = after.goroutines.find(key(assumed.id));
    if (is == nullptr || !is->assumed) continue;
    const auto it = ended.find(assumed.id);
    std::vector<OpenRegion> open = it == ended.end() ? before.regions[was->regions] : it->second;
    if (open.empty()) continue;
    if (is->regions == 0) {
      is->regions = static_cast<std::uint32_t>(after.regions.size());
      after.regions.emplace_back();
    }
    std::vector<OpenRegion>& inner = after.regions[is->regions];
    open.insert(open.end(), inner.begin(), inner.end());
    inner = std::move(open);
  }
}

void carry_threads_and_procs(const State& before, State& after) {
  for (const Proc* const proc : before.proc_list) {
    if (after.procs.find(key(proc->id)) == nullptr) {
      *after.add_proc(proc->id, proc->status) = *proc;
    }
  }
  for (const Thread* const was : before.thread_list) {
    Thread* const is = after.thread(was->id);
    const bool met =
        is->proc_start == Thread::Start::Assumed || is->goroutine_start == Thread::Start::Assumed;
    Proc* const proc = was->proc == nullptr ? nullptr : after.procs.find(key(was->proc->id));
    if (!met || is->proc_start == Thread::Start::Open) is->proc = proc;
    if (!met || is->goroutine_start == Thread::Start::Open) {
      is->goroutine = was->goroutine;
      is->goroutine_state = nullptr;
    }
  }
}

}  // namespace

bool commit(State& before, State& after, Assumptions& assumptions) {
  if (!goroutines_hold(before, assumptions) || !procs_hold(before, assumptions) ||
      !threads_hold(before, after) || !gc_holds(before, assumptions)) {
    return false;
  }
  const auto ended_tasks = sorted(assumptions.ended_tasks);
  for (const std::uint64_t task : assumptions.begun_tasks) {
    if (before.tasks.contains(task) && !contains(ended_tasks, task)) return false;
  }
  std::unordered_map<std::int64_t, std::vector<OpenRegion>> ended;
  if (!end_regions(before, assumptions, ended)) return false;

  complete_ended(before, assumptions, ended);
  carry_regions(before, after, assumptions, ended);
  carry_threads_and_procs(before, after);
  for (const std::uint64_t task : assumptions.ended_tasks) before.tasks.erase(task);
  for (const auto& [id, task] : before.tasks) after.tasks.try_emplace(id, task);
  if (!assumptions.has_gc) {
    after.gc_state = before.gc_state;
    after.gc_sequence = before.gc_sequence;
  }
  after.generation = before.generation + 1;
  return true;
}

}  // namespace marey::index
