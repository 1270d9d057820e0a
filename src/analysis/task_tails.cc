// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_tails.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "src/analysis/spent_columns.h"
#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {

Interests TaskTails::interests() const {
  Interests interests;
  interests.annotations = true;
  interests.ranges = true;
  interests.ranges_view = View::All;
  using wire::EventType;
  for (const EventType type :
       {EventType::GCBegin, EventType::GCEnd, EventType::STWBegin, EventType::STWEnd}) {
    interests.unscoped_events.set(order::type_number(type));
  }
  return interests;
}

void TaskTails::events(std::span<const Event::Record* const> events, Translation&) {
  for (const Event::Record* const record : events) borders_.push_back(record->time);
}

void TaskTails::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.is_guess()) continue;
    if (range.kind == RangeKind::Mark) marks_.add(range.start, range.end);
    if (range.kind == RangeKind::StopTheWorld) pauses_.add(range.start, range.end);
  }
}

void TaskTails::tasks(std::span<const TaskInterval> tasks) {
  // Of the block of events in which these end, the borders come later.
  settle();
  for (const TaskInterval& task : tasks) {
    if (task.whole()) new_tasks_.push_back(task);
  }
}

void TaskTails::settle() {
  for (const TaskInterval& task : new_tasks_) {
    Type& type = types_[task.type];
    type.count++;
    type.times.add(task.times);
    type.shared.add({task.start, task.end}, borders_);
    type.slowest.add(task);
  }
  new_tasks_.clear();
}

void TaskTails::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<TaskTails&>(next);
  settle();
  other.settle();
  for (auto& [name, more] : other.types_) {
    Type& type = types_[name];
    type.count += more.count;
    type.times.add(more.times);
    type.shared.merge(more.shared, borders_.size());
    type.slowest.merge(more.slowest);
  }
  borders_.insert(borders_.end(), other.borders_.begin(), other.borders_.end());
  marks_.merge(other.marks_);
  pauses_.merge(other.pauses_);
}

void TaskTails::finish(const TraceContext& context, Findings& findings) {
  settle();
  table::Table table(
      "task_tails", "What makes slow tasks slow",
      "For each type the slowest hundredth of its complete tasks (256 at most) and, for "
      "comparison, all: which share of their time their goroutines spent on what. What has a much "
      "greater share in the slowest is what makes them slow. Marking and World stopped are how "
      "much of their time garbage collection, or any stop-the-world, was under way, whatever the "
      "goroutine did then.");
  table.be_summary();
  const auto name = table.add_text("type", "Task", "As the program calls it.");
  const auto which = table.add_text("which", "Which", "The slowest hundredth, or all.");
  const auto tasks = table.add_count("tasks", "Tasks", "How many these are.");
  const auto least = table.add_duration("least", "From", "The shortest of the slowest.");
  const auto total = table.add_duration("total", "Total", "Of these tasks.");
  std::array<std::optional<table::RealColumn>, kSpent> shares;
  for (std::size_t i = 0; i < kSpent; i++) {
    // Of the pauses that a goroutine began itself another column tells more.
    if (static_cast<Spent>(i) == Spent::StopTheWorld) continue;
    const SpentWords& words = words_of(static_cast<Spent>(i));
    shares[i] = table.add_percent(words.name, words.title, words.help);
  }
  const auto marking = table.add_percent("marking", "Marking", "A mark phase was under way.");
  const auto stopped =
      table.add_percent("stopped", "World stopped", "A stop-the-world was under way.");

  const auto percent = [](auto part, Duration whole) {
    return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole)
                     : table::kNoReal;
  };
  const auto add_row = [&](std::string_view type, const char* these, std::uint64_t count,
                           const GoroutineTimes& times) {
    auto row = table.add_row();
    row.set(name, type).set(which, these).set(tasks, count).set(total, times.total());
    for (std::size_t i = 0; i < kSpent; i++) {
      if (shares[i]) row.set(*shares[i], percent(times.of[i], times.total()));
    }
    return row;
  };

  std::vector<std::pair<std::string_view, const Type*>> types;
  for (const auto& [text, type] : types_) types.emplace_back(context.vocabulary.of(text), &type);
  std::ranges::sort(types, {}, [](const auto& type) {
    return std::tuple(-type.second->times.total(), type.first);
  });
  const SpanOverlap with_marks(marks_);
  const SpanOverlap with_pauses(pauses_);
  for (const auto& [text, type] : types) {
    std::vector<TaskInterval> tail = type->slowest.sorted();
    tail.resize(std::min<std::size_t>(tail.size(), (type->count + 99) / 100));
    GoroutineTimes times;
    Duration in_marks = 0;
    Duration in_pauses = 0;
    for (const TaskInterval& task : tail) {
      times.add(task.times);
      accumulate(in_marks, with_marks.of({task.start, task.end}));
      accumulate(in_pauses, with_pauses.of({task.start, task.end}));
    }
    const TaskInterval& slowest = tail.front();
    add_row(text, "slowest 1%", tail.size(), times)
        .set(least, tail.back().duration())
        .set(marking, percent(in_marks, times.total()))
        .set(stopped, percent(in_pauses, times.total()))
        .range(slowest.start, slowest.end)
        .goroutine(slowest.goroutine);
    add_row(text, "all", type->count, type->times)
        .set(marking, percent(type->shared.with(with_marks, borders_), type->times.total()))
        .set(stopped, percent(type->shared.with(with_pauses, borders_), type->times.total()));
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
