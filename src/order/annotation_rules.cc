// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "src/order/scheduler.h"

// When tasks and regions can begin and end.

namespace marey::order {

using wire::EventType;
using Verdict = Scheduler::Verdict;

std::uint32_t Scheduler::name_number(std::uint64_t string_id, bool& known) {
  known = true;
  if (string_id < name_of_string_.size() && name_of_string_[string_id] != kUnresolved) {
    return name_of_string_[string_id];
  }
  const auto text = tables_.find_string(StringID{string_id});
  known = text.has_value();
  if (!known) return 0;
  const std::uint32_t number = names_.number_of(*text);
  // Ids are dense, so this is small; a damaged trace's giant ids are just not remembered.
  if (string_id < 2 * tables_.strings().size() + 64) {
    if (string_id >= name_of_string_.size()) name_of_string_.resize(string_id + 1, kUnresolved);
    name_of_string_[string_id] = number;
  }
  return number;
}

Verdict Scheduler::task_begin(Event& event, const Thread* thread) {
  // Tasks may be ended twice, or never begin; all that can be wrong is to begin twice.
  if (state_.tasks.contains(event.args[0])) {
    return broken(fmt::format("task ID conflict: {}", event.args[0]), Defect::TaskConflict);
  }
  // 0 means "no parent" here, not the background task.
  const std::uint64_t parent = event.args[1] == 0 ? raw(kNoTask) : event.args[1];
  bool known = false;
  const std::uint32_t name = name_number(event.args[2], known);
  if (!known) {
    return broken(fmt::format("invalid string ID {} for {} event", event.args[2],
                              static_cast<unsigned>(event.type)),
                  Defect::UnknownString);
  }
  if (const Verdict verdict = need_thread_proc_goroutine(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  event.args[1] = parent;
  state_.tasks.emplace(event.args[0], OpenTask{parent, name});
  if (assumptions_ != nullptr) assumptions_->begun_tasks.push_back(event.args[0]);
  return Verdict::Happened;
}

Verdict Scheduler::task_end(Event& event, const Thread* thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  const auto it = state_.tasks.find(event.args[0]);
  if (it != state_.tasks.end()) {
    event.args[2] = it->second.parent;
    event.args[3] = it->second.name;
    state_.tasks.erase(it);
  } else {
    event.args[2] = raw(kNoTask);
    event.args[3] = 0;
    if (assumptions_ != nullptr) assumptions_->ended_tasks.push_back(event.args[0]);
  }
  return Verdict::Happened;
}

Verdict Scheduler::region(Event& event, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  bool known = false;
  const OpenRegion region{event.args[0], name_number(event.args[1], known)};
  if (!known) {
    return broken(fmt::format("invalid string ID {} for {} event", event.args[1],
                              static_cast<unsigned>(event.type)),
                  Defect::UnknownString);
  }
  Goroutine* const g = current(thread);
  const bool begins = event.type == EventType::UserRegionBegin;
  if (g == nullptr) {
    return broken(
        fmt::format("encountered EvUserRegion{} without known state for current goroutine {}",
                    begins ? "Begin" : "End", thread.goroutine));
  }
  if (begins) {
    if (g->regions == 0) {
      if (state_.free_regions.empty()) {
        g->regions = static_cast<std::uint32_t>(state_.regions.size());
        state_.regions.emplace_back();
      } else {
        g->regions = state_.free_regions.back();
        state_.free_regions.pop_back();
      }
    }
    state_.regions[g->regions].push_back(region);
    return Verdict::Happened;
  }
  std::vector<OpenRegion>& open = state_.regions[g->regions];
  if (open.empty()) {
    // Regions that began before the trace are not known, and that is no fault.
    if (assumptions_ != nullptr && g->assumed) {
      assumptions_->ended_regions.push_back({g->id, region});
    }
    return Verdict::Happened;
  }
  if (open.back() != region) {
    return broken(
        fmt::format("misuse of region in goroutine {}: region end {{{} {}}} when the inner-most "
                    "active region start event is {{{} {}}}",
                    g->id, region.task, names_.name(region.name), open.back().task,
                    names_.name(open.back().name)),
        Defect::MisnestedRegion);
  }
  open.pop_back();
  return Verdict::Happened;
}

}  // namespace marey::order
