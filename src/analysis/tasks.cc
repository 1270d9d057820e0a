// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/tasks.h"

#include <string_view>
#include <utility>

#include "src/analysis/spent_columns.h"
#include "src/analysis/task_types.h"

namespace marey::analysis {

void Tasks::Type::merge(const Type& other) {
  incomplete += other.incomplete;
  times.add(other.times);
  distributions.merge(other.distributions);
}

Interests Tasks::interests() const {
  Interests interests;
  interests.annotations = true;
  return interests;
}

void Tasks::tasks(std::span<const TaskInterval> tasks) {
  for (const TaskInterval& task : tasks) {
    Type& type = types_[task.type];
    if (!task.whole()) {
      type.incomplete++;
    } else {
      type.times.add(task.times);
      type.distributions.add(task.times);
    }
    if (!task.is_guess()) slowest_.add(task);
  }
}

void Tasks::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const Tasks&>(next);
  for (const auto& [name, type] : other.types_) types_[name].merge(type);
  slowest_.merge(other.slowest_);
}

void Tasks::finish(const TraceContext& context, Findings& findings) {
  if (detail_ == Detail::Types) add_types(context.vocabulary, findings);
  table::Table slowest =
      detail_ == Detail::Types
          ? table::Table("slowest_tasks", "Slowest tasks",
                         "The longest ones, one by one, 1,000 at most; those cut by the trace's "
                         "ends as far as it goes.")
          : table::Table("slowest_tasks", "Task",
                         "How long it was, as far as the trace goes, and what its goroutine did "
                         "meanwhile, where the one that began it also ended it (else it is "
                         "unknown).");
  slowest_.fill(slowest, context.vocabulary);
  findings.tables.push_back(std::move(slowest));
}

void Tasks::add_types(const Vocabulary& vocabulary, Findings& findings) const {
  table::Table table("tasks", "Tasks",
                     "What runtime/trace.NewTask begins, by type, the most time first: those whose "
                     "begin and end are in the trace, and what their goroutines did meanwhile, "
                     "where the one that began a task also ended it (else it is unknown). "
                     "Quantiles are exact to 1.6 %.");
  const TaskTypeColumns columns(table);
  const SpentColumns spent(table);

  table::Table distributions("task_distributions", "What is spent in a task",
                             "For each type of task, and all that its goroutines spend time on, "
                             "how much that is for one.");
  SpentDistributionTable rows(distributions, "type", "Task", "As the program calls it.", "tasks",
                              "Tasks");
  table::Table histogram("task_histogram", "How long tasks are",
                         "The complete tasks of each type by how long they were.");
  const auto histogram_type = histogram.add_text("type", "Task", "As the program calls it.");
  const HistogramColumns steps(histogram, "tasks of the type");

  for (const auto& [text, type] :
       by_time(types_, vocabulary, [](const Type& each) { return each.times.total(); })) {
    const Histogram& durations = type->distributions.total();
    auto row = table.add_row();
    columns.set(row, text, type->incomplete, durations);
    spent.set(row, type->times);
    rows.add_rows(text, type->distributions, vocabulary);
    steps.add_rows(histogram, durations,
                   [&](table::Table::Row& step) { step.set(histogram_type, text); });
  }
  findings.tables.push_back(std::move(table));
  findings.tables.push_back(std::move(distributions));
  findings.tables.push_back(std::move(histogram));
}

}  // namespace marey::analysis
