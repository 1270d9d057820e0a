// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_list.h"

#include <tuple>
#include <vector>

#include "src/analysis/spent_columns.h"

namespace marey::analysis {

bool LongerTask::operator()(const TaskInterval& a, const TaskInterval& b) const {
  const auto key = [](const TaskInterval& task) {
    return std::tuple(-task.duration(), task.start, raw(task.id));
  };
  return key(a) < key(b);
}

void TaskList::fill(table::Table& table, const Vocabulary& vocabulary) const {
  const auto duration = table.add_duration("duration", "Duration", "How long it was.");
  const auto id = table.add_id("task", "Task", "Its number.", "task");
  const auto type = table.add_text("type", "Type", "As the program calls it.");
  const auto at = table.add_time("at", "At", "When it began.");
  const auto goroutine = table.add_id("goroutine", "Begun by", "The goroutine.", "goroutine");
  const auto end_goroutine = table.add_id("end_goroutine", "Ended by",
                                          "The goroutine; none: nobody in the trace.", "goroutine");
  const auto parent = table.add_id("parent", "Parent", "The task that it is part of.", "task");
  const SpentColumns spent(table);
  const std::vector<TaskInterval> longest = longest_.sorted();
  for (const TaskInterval& task : longest) {
    auto row = table.add_row();
    row.set(duration, task.duration())
        .set(id, task.id)
        .set(type, vocabulary.of(task.type))
        .set(at, task.start)
        .set(goroutine, task.goroutine)
        .set(end_goroutine, task.end_goroutine)
        .range(task.start, task.end)
        .goroutine(task.goroutine);
    if (task.parent != kNoTask && task.parent != kBackgroundTask) row.set(parent, task.parent);
    spent.set(row, task.times);
    if (task.stack != StackNumber::None) row.stack(vocabulary.text_of(task.stack));
  }
  table.add_omitted(count_ - longest.size());
}

}  // namespace marey::analysis
