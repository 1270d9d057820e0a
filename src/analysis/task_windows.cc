// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_windows.h"

#include <algorithm>
#include <boost/container_hash/hash.hpp>
#include <cstddef>

#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {

std::size_t TaskWindows::PlaceHash::operator()(const Place& place) const {
  std::size_t hash = 0;
  boost::hash_combine(hash, raw(place.task));
  boost::hash_combine(hash, raw(place.goroutine));
  return hash;
}

Interests TaskWindows::interests() const {
  Interests interests;
  interests.annotations = true;
  interests.events.set(order::type_number(wire::EventType::UserLog));
  return interests;
}

bool TaskWindows::meet(TaskID task) {
  const auto* const wanted = std::get_if<TaskID>(&wanted_);
  if (wanted == nullptr) return task != kBackgroundTask;
  if (task == *wanted) {
    met_ = true;
    return true;
  }
  if (task == kBackgroundTask || task == kNoTask) return false;
  if (task < *wanted) {
    lower_ = std::max(lower_.value_or(task), task);
  } else {
    higher_ = std::min(higher_.value_or(task), task);
  }
  return false;
}

void TaskWindows::mark(TaskID task, GoID goroutine, Time first, Time last) {
  if (goroutine == kNoGoroutine) return;
  const auto [it, is_new] = marks_.try_emplace({task, goroutine}, first, last);
  if (is_new) return;
  it->second.first = std::min(it->second.first, first);
  it->second.second = std::max(it->second.second, last);
}

void TaskWindows::regions(std::span<const RegionInterval> regions) {
  for (const RegionInterval& region : regions) {
    if (!meet(region.task) || region.is_guess()) continue;
    regions_.push_back({region.task, {region.goroutine, region.start, region.end}});
  }
}

void TaskWindows::tasks(std::span<const TaskInterval> tasks) {
  for (const TaskInterval& task : tasks) {
    const auto [type, is_new] = types_.try_emplace(task.type);
    if (is_new) type->second = wanted_ == WantedTask(std::string(vocabulary_.of(task.type)));
    if (std::holds_alternative<std::string>(wanted_)) {
      if (!type->second) continue;
      of_type_.insert(task.id);
    } else {
      meet(task.parent);
      if (!meet(task.id)) continue;
    }
    const bool has_begun_before = task.start_edge == Edge::Trace;
    const bool never_ends = task.end_edge == Edge::Trace;
    mark(task.id, task.goroutine, task.start, never_ends ? task.end : task.start);
    mark(task.id, task.end_goroutine, has_begun_before ? task.start : task.end, task.end);
  }
}

void TaskWindows::events(std::span<const Event::Record* const> events, Translation&) {
  for (const Event::Record* const record : events) {
    const TaskID task{record->args[0]};
    if (meet(task)) mark(task, record->goroutine, record->time, record->time);
  }
}

void TaskWindows::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const TaskWindows&>(next);
  types_.insert(other.types_.begin(), other.types_.end());
  of_type_.insert(other.of_type_.begin(), other.of_type_.end());
  regions_.insert(regions_.end(), other.regions_.begin(), other.regions_.end());
  for (const auto& [place, times] : other.marks_) {
    mark(place.task, place.goroutine, times.first, times.second);
  }
  met_ |= other.met_;
  if (other.lower_) lower_ = std::max(lower_.value_or(*other.lower_), *other.lower_);
  if (other.higher_) higher_ = std::min(higher_.value_or(*other.higher_), *other.higher_);
}

TaskSet TaskWindows::ids() const {
  if (std::holds_alternative<std::string>(wanted_)) return of_type_;
  return met_ ? TaskSet{std::get<TaskID>(wanted_)} : TaskSet{};
}

std::vector<Window> TaskWindows::windows() const {
  const TaskSet ids = this->ids();
  std::vector<Window> windows;
  for (const OfTask& region : regions_) {
    if (ids.contains(region.task)) windows.push_back(region.window);
  }
  for (const auto& [place, times] : marks_) {
    if (ids.contains(place.task)) {
      windows.push_back({place.goroutine, times.first, times.second});
    }
  }
  return windows;
}

std::set<std::string_view> TaskWindows::types() const {
  std::set<std::string_view> types;
  for (const auto& [text, is_the_one] : types_) types.insert(vocabulary_.of(text));
  return types;
}

}  // namespace marey::analysis
