// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_types.h"

#include <algorithm>
#include <utility>

#include "src/order/record.h"

namespace marey::analysis {

using wire::EventType;

TaskTypeColumns::TaskTypeColumns(table::Table& table)
    : type_(table.add_text("type", "Task",
                           "As the program calls it; '-': its begin is not in the trace.")),
      complete_(table.add_count("complete", "Complete", "How many began and ended.")),
      incomplete_(table.add_count("incomplete", "Incomplete", "How many lack one of the two.")),
      total_(table.add_duration("total", "Total", "Of all complete ones.")),
      quantiles_(table, "the complete ones", QuantileColumns::Tail::Long) {}

void TaskTypeColumns::set(table::Table::Row& row, std::string_view type, std::uint64_t incomplete,
                          const Histogram& durations) const {
  row.set(type_, type)
      .set(complete_, durations.count())
      .set(incomplete_, incomplete)
      .set(total_, durations.sum());
  quantiles_.set(row, durations);
}

Interests TaskTypes::interests() const {
  Interests interests;
  // A task that ends within a part of the trace may have begun before it.
  interests.unscoped_events.set(order::type_number(EventType::UserTaskBegin));
  interests.unscoped_events.set(order::type_number(EventType::UserTaskEnd));
  return interests;
}

void TaskTypes::events(std::span<const Event::Record* const> events, Translation& translation) {
  for (const Event::Record* const record : events) {
    const TaskID id{record->args[0]};
    if (record->type == order::type_number(EventType::UserTaskBegin)) {
      tasks_.begin(id, {record->time, translation.text(record->args[2]), edge_at(*record)});
    } else {
      tasks_.end(id, {record->time, edge_at(*record)},
                 [this](TaskID, const Begin& begin, const End& end) { add(begin, end); });
    }
  }
}

void TaskTypes::add(const Begin& begin, const End& end) {
  if (!is_within(std::max(begin.time, end.time))) return;
  Type& type = types_[begin.type];
  if (begin.edge == Edge::Seen && end.edge == Edge::Seen) {
    type.durations.add(elapsed(begin.time, std::max(begin.time, end.time)));
  } else {
    type.incomplete++;
  }
}

void TaskTypes::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<TaskTypes&>(next);
  tasks_.merge(
      other.tasks_, [](auto&) {},
      [this](TaskID, const Begin& begin, const End& end) { add(begin, end); });
  for (const auto& [name, more] : other.types_) {
    Type& type = types_[name];
    type.incomplete += more.incomplete;
    type.durations.merge(more.durations);
  }
}

void TaskTypes::finish(const TraceContext& context, Findings& findings) {
  tasks_.finish([this](TaskID, const End& end) { add({end.time, Text::Empty, Edge::Trace}, end); },
                [&](TaskID, const Begin& begin) {
                  // Where the range begins behind the trace, context.end is its begin.
                  if (context.end > begin_) add(begin, {context.end, Edge::Trace});
                });
  table::Table table("tasks", "Tasks",
                     "What runtime/trace.NewTask begins, by type, the most time first: those whose "
                     "begin and end are in the trace. Quantiles are exact to 1.6 %.");
  const TaskTypeColumns columns(table);
  for (const auto& [name, type] :
       by_time(types_, context.vocabulary, [](const Type& each) { return each.durations.sum(); })) {
    auto row = table.add_row();
    columns.set(row, name, type->incomplete, type->durations);
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
