// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_events.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {
namespace {

/// The trace has the event.
bool is_event(Edge edge) { return edge == Edge::Seen || edge == Edge::Guess; }

}  // namespace

const char* TaskEvents::word_for(What what) {
  switch (what) {
    case What::TaskBegin: return "task begin";
    case What::SubtaskBegin: return "subtask begin";
    case What::RegionBegin: return "region begin";
    case What::Log: return "log";
    case What::RegionEnd: return "region end";
    case What::SubtaskEnd: return "subtask end";
    case What::TaskEnd: return "task end";
  }
  return "";
}

Interests TaskEvents::interests() const {
  Interests interests;
  interests.annotations = true;
  interests.annotations_view = View::All;
  interests.events.set(order::type_number(wire::EventType::UserLog));
  return interests;
}

void TaskEvents::add(Entry entry) {
  entries_.push_back(std::move(entry));
  if (entries_.size() >= 2 * most_) limit();
}

void TaskEvents::limit() {
  if (entries_.size() <= most_) return;
  // No two events happen at the same time, but one can be told twice: a task's begin that is also
  // that of another's subtask.
  std::ranges::nth_element(
      entries_, entries_.begin() + static_cast<std::ptrdiff_t>(most_), {},
      [](const Entry& entry) { return std::tuple(entry.time, entry.what, raw(entry.task)); });
  left_out_ += entries_.size() - most_;
  entries_.resize(most_);
}

void TaskEvents::add_begin(TaskID task, Time time) {
  const auto [it, is_new] = begins_.try_emplace(task, time);
  if (!is_new) it->second = std::min(it->second, time);
}

template <class AnyInterval>
void TaskEvents::add_ends(const AnyInterval& interval, Entry begin, What end, GoID end_goroutine) {
  // Subtasks may be on goroutines that do nothing else for the task.
  const auto is_in_scope = [&](const Entry& entry) {
    return entry.subtask != kNoTask ? scope_.has(entry.time)
                                    : scope_.has(entry.goroutine, entry.time);
  };
  const bool is_long = !interval.is_guess();
  Entry last = begin;
  begin.time = interval.start;
  if (is_event(interval.start_edge) && is_in_scope(begin)) {
    if (is_long) begin.duration = interval.duration();
    add(std::move(begin));
  }
  last.time = interval.end;
  last.what = end;
  last.goroutine = end_goroutine;
  last.stack = StackNumber::None;
  if (is_event(interval.end_edge) && is_in_scope(last)) {
    if (is_long && !is_event(interval.start_edge)) last.duration = interval.duration();
    add(std::move(last));
  }
}

void TaskEvents::regions(std::span<const RegionInterval> regions) {
  for (const RegionInterval& region : regions) {
    if (!scope_.has(region.task)) continue;
    Entry entry;
    entry.task = region.task;
    entry.goroutine = region.goroutine;
    entry.what = What::RegionBegin;
    entry.name = region.name;
    entry.stack = region.stack;
    add_ends(region, std::move(entry), What::RegionEnd, region.goroutine);
  }
}

void TaskEvents::tasks(std::span<const TaskInterval> tasks) {
  for (const TaskInterval& task : tasks) {
    Entry entry;
    entry.goroutine = task.goroutine;
    entry.name = task.type;
    entry.stack = task.stack;
    if (scope_.has(task.id)) {
      if (is_event(task.start_edge)) add_begin(task.id, task.start);
      entry.task = task.id;
      entry.what = What::TaskBegin;
      add_ends(task, entry, What::TaskEnd, task.end_goroutine);
    }
    if (task.parent != kNoTask && scope_.has(task.parent)) {
      if (scope_.has(task.end)) subtasks_.add(task);
      entry.task = task.parent;
      entry.subtask = task.id;
      entry.what = What::SubtaskBegin;
      add_ends(task, std::move(entry), What::SubtaskEnd, task.end_goroutine);
    }
  }
}

void TaskEvents::events(std::span<const Event::Record* const> events, Translation& translation) {
  for (const Event::Record* const record : events) {
    const Event event(*record);
    const Log log = event.log();
    if (!scope_.has(log.task)) continue;
    Entry entry;
    entry.time = record->time;
    entry.task = log.task;
    entry.goroutine = record->goroutine;
    entry.name = translation.text(record->args[1]);
    entry.stack = translation.stack(raw(event.stack().id()));
    entry.message = log.message;
    add(std::move(entry));
  }
}

void TaskEvents::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<TaskEvents&>(next);
  entries_.insert(entries_.end(), std::make_move_iterator(other.entries_.begin()),
                  std::make_move_iterator(other.entries_.end()));
  left_out_ += other.left_out_;
  limit();
  for (const auto& [task, begin] : other.begins_) add_begin(task, begin);
  subtasks_.merge(other.subtasks_);
}

void TaskEvents::finish(const TraceContext& context, Findings& findings) {
  limit();
  std::ranges::sort(entries_, {}, [](const Entry& entry) {
    return std::tuple(entry.time, entry.what, raw(entry.task));
  });
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table("task_events", "What happened",
                     "What the program says of the task, in the order of time: its begin and end, "
                     "its messages, regions and subtasks.");
  const auto at = table.add_time("at", "At", "When it happened.");
  const auto offset = table.add_duration("offset", "After begin", "Since the begin of the task.");
  const auto task = table.add_id("task", "Task", "Its number.", "task");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That it is on.", "goroutine");
  const auto what = table.add_text("what", "What",
                                   "'task begin', 'log', 'region begin', 'region end', 'subtask "
                                   "begin', 'subtask end' or 'task end'.");
  const auto text = table.add_text(
      "text", "Text", "The message, or what the program calls the region or the task.");
  const auto duration = table.add_duration(
      "duration", "Duration", "Of the region or task, at its begin, if the trace has that.");
  const auto subtask = table.add_id("subtask", "Subtask", "The number of the subtask.", "task");
  for (const Entry& entry : entries_) {
    const std::string_view name = vocabulary.of(entry.name);
    const bool is_categorized = entry.what == What::Log && !name.empty();
    auto row = table.add_row();
    row.set(at, entry.time)
        .set(task, entry.task)
        .set(goroutine, entry.goroutine)
        .set(what, word_for(entry.what))
        .set(text, entry.what != What::Log ? std::string(name)
                   : is_categorized        ? fmt::format("{}: {}", name, entry.message)
                                           : entry.message)
        .set(subtask, entry.subtask)
        .range(entry.time, entry.time)
        .goroutine(entry.goroutine);
    if (const auto begin = begins_.find(entry.task);
        begin != begins_.end() && begin->second <= entry.time) {
      row.set(offset, elapsed(begin->second, entry.time));
    }
    if (entry.duration) row.set(duration, *entry.duration);
    if (entry.stack != StackNumber::None) row.stack(vocabulary.text_of(entry.stack));
  }
  table.add_omitted(left_out_);
  findings.tables.push_back(std::move(table));

  table::Table subtasks("subtasks", "Subtasks",
                        "The tasks that are part of the task, the longest first, 1,000 at most.");
  subtasks_.fill(subtasks, vocabulary);
  findings.tables.push_back(std::move(subtasks));
}

}  // namespace marey::analysis
