// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/tasks.h"

#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "src/analysis/spent_columns.h"

namespace marey::analysis {

void Tasks::Type::merge(const Type& other) {
  incomplete += other.incomplete;
  times.add(other.times);
  distributions.merge(other.distributions);
}

bool Tasks::Longer::operator()(const TaskInterval& a, const TaskInterval& b) const {
  const auto key = [](const TaskInterval& task) {
    return std::tuple(-task.duration(), task.start, raw(task.id));
  };
  return key(a) < key(b);
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
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table("tasks", "Tasks",
                     "What runtime/trace.NewTask begins, by type, the most time first: those whose "
                     "begin and end are in the trace, and what their goroutines did meanwhile, "
                     "where the one that began a task also ended it (else it is unknown). "
                     "Quantiles are exact to 1.6 %.");
  const auto type_name = table.add_text(
      "type", "Task", "As the program calls it; '-': its begin is not in the trace.");
  const auto complete = table.add_count("complete", "Complete", "How many began and ended.");
  const auto incomplete =
      table.add_count("incomplete", "Incomplete", "How many lack one of the two.");
  const auto total = table.add_duration("total", "Total", "Of all complete ones.");
  const QuantileColumns quantiles(table, "the complete ones", QuantileColumns::Tail::Long);
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

  std::vector<std::pair<std::string_view, const Type*>> types;
  for (const auto& [text, type] : types_) types.emplace_back(vocabulary.of(text), &type);
  std::ranges::sort(types, {}, [](const auto& type) {
    return std::tuple(-type.second->times.total(), type.first);
  });
  for (const auto& [text, type] : types) {
    const Histogram& durations = type->distributions.total();
    auto row = table.add_row();
    row.set(type_name, text)
        .set(complete, durations.count())
        .set(incomplete, type->incomplete)
        .set(total, type->times.total());
    quantiles.set(row, durations);
    spent.set(row, type->times);
    rows.add_rows(text, type->distributions, vocabulary);
    steps.add_rows(histogram, durations,
                   [&](table::Table::Row& step) { step.set(histogram_type, text); });
  }
  findings.tables.push_back(std::move(table));
  findings.tables.push_back(std::move(distributions));
  findings.tables.push_back(std::move(histogram));
  add_slowest(vocabulary, findings);
}

void Tasks::add_slowest(const Vocabulary& vocabulary, Findings& findings) const {
  table::Table table("slowest_tasks", "Slowest tasks",
                     "The longest ones, one by one, 1,000 at most; those cut by the trace's ends "
                     "as far as it goes.");
  const auto duration = table.add_duration("duration", "Duration", "How long it was.");
  const auto id = table.add_id("task", "Task", "Its number.", "task");
  const auto type = table.add_text("type", "Type", "As the program calls it.");
  const auto at = table.add_time("at", "At", "When it began.");
  const auto goroutine = table.add_id("goroutine", "Begun by", "The goroutine.", "goroutine");
  const auto end_goroutine = table.add_id("end_goroutine", "Ended by",
                                          "The goroutine; none: nobody in the trace.", "goroutine");
  const auto parent = table.add_id("parent", "Parent", "The task that it is part of.", "task");
  const SpentColumns spent(table);
  for (const TaskInterval& task : slowest_.sorted()) {
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
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
