// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_gc.h"

#include <algorithm>
#include <utility>

#include "src/analysis/span_overlap.h"

namespace marey::analysis {
Interests TaskGC::interests() const {
  Interests interests;
  interests.ranges = true;
  interests.ranges_view = View::All;
  interests.annotations = true;
  return interests;
}

void TaskGC::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    if (range.is_guess()) continue;
    switch (range.kind) {
      case RangeKind::Mark: marks_.add(range.start, range.end); break;
      case RangeKind::StopTheWorld: pauses_.add(range.start, range.end); break;
      case RangeKind::Assist:
      case RangeKind::Sweep: {
        Work& work = range.kind == RangeKind::Assist ? assists_ : sweeps_;
        scope_.for_each_part(range.goroutine, range.start, range.end,
                             [&](Time begin, Time end) { work.merge({1, elapsed(begin, end)}); });
        break;
      }
    }
  }
}

void TaskGC::tasks(std::span<const TaskInterval> tasks) {
  for (const TaskInterval& task : tasks) {
    if (task.is_guess()) continue;
    tasks_.push_back({std::max(task.start, scope_.begin()), std::min(task.end, scope_.end())});
  }
}

void TaskGC::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<TaskGC&>(next);
  marks_.merge(other.marks_);
  pauses_.merge(other.pauses_);
  assists_.merge(other.assists_);
  sweeps_.merge(other.sweeps_);
  tasks_.insert(tasks_.end(), other.tasks_.begin(), other.tasks_.end());
}

void TaskGC::finish(const TraceContext&, Findings& findings) {
  table::Table table("task_gc", "Garbage collection meanwhile",
                     "How much of the time between the begin and the end of the task garbage "
                     "collection was marking, and the world was stopped (for whatever it was); and "
                     "what the task's goroutines had to do for it.");
  const auto what = table.add_text("what", "What", "What happened meanwhile.");
  const auto tasks = table.add_count("tasks", "Tasks", "How many tasks it happened to.");
  const auto count = table.add_count("count", "Count", "Of what goroutines do: how many times.");
  const auto time = table.add_duration("time", "Time", "The time of tasks, or of goroutines.");
  const auto share = table.add_percent("share", "Share", "Of the tasks' time from begin to end.");
  table.be_summary();

  const SpanOverlap with_marks(marks_);
  const SpanOverlap with_pauses(pauses_);
  Work marking;
  Work stopped;
  Duration total = 0;
  const auto add_shared = [](Work& work, Duration shared) {
    if (shared > 0) work.merge({1, shared});
  };
  for (const TimeSpan& task : tasks_) {
    add_shared(marking, with_marks.of(task));
    add_shared(stopped, with_pauses.of(task));
    accumulate(total, elapsed(task.start, task.end));
  }
  const auto add = [&](const char* name, Duration spent) {
    auto row = table.add_row();
    row.set(what, name).set(time, spent);
    if (total > 0) row.set(share, 100.0 * static_cast<double>(spent) / static_cast<double>(total));
    return row;
  };
  if (marking.count + stopped.count + assists_.count + sweeps_.count > 0) {
    add("marking", marking.time).set(tasks, marking.count);
    add("stop-the-world", stopped.time).set(tasks, stopped.count);
    add("mark assists", assists_.time).set(count, assists_.count);
    add("sweeping", sweeps_.time).set(count, sweeps_.count);
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
