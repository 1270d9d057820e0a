// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/task_gc.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace marey::analysis {
namespace {

/// How much time many spans share with those of a union.
class Overlap {
 public:
  explicit Overlap(const SpanUnion& spans) : spans_(spans.spans()) {
    before_.reserve(spans_.size());
    Duration sum = 0;
    for (const TimeSpan& span : spans_) {
      before_.push_back(sum);
      accumulate(sum, elapsed(span.start, span.end));
    }
  }
  void add(const TimeSpan& other) {
    const Duration shared = until(other.end) - until(other.start);
    if (shared == 0) return;
    count_++;
    accumulate(time_, shared);
  }
  std::uint64_t count() const { return count_; }
  Duration time() const { return time_; }

 private:
  /// Time in the union before a moment.
  Duration until(Time time) const {
    const auto next = std::ranges::upper_bound(spans_, time, {}, &TimeSpan::start);
    if (next == spans_.begin()) return 0;
    const auto last = static_cast<std::size_t>(next - spans_.begin()) - 1;
    Duration sum = before_[last];
    accumulate(sum, elapsed(spans_[last].start, std::min(time, spans_[last].end)));
    return sum;
  }

  std::vector<TimeSpan> spans_;
  std::vector<Duration> before_;  // of each span: the sum of those before it
  std::uint64_t count_ = 0;
  Duration time_ = 0;
};

}  // namespace

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

  Overlap marks(marks_);
  Overlap pauses(pauses_);
  Duration total = 0;
  for (const TimeSpan& task : tasks_) {
    marks.add(task);
    pauses.add(task);
    accumulate(total, elapsed(task.start, task.end));
  }
  const auto add = [&](const char* name, Duration spent) {
    auto row = table.add_row();
    row.set(what, name).set(time, spent);
    if (total > 0) row.set(share, 100.0 * static_cast<double>(spent) / static_cast<double>(total));
    return row;
  };
  if (!tasks_.empty()) {
    add("marking", marks.time()).set(tasks, marks.count());
    add("stop-the-world", pauses.time()).set(tasks, pauses.count());
    add("mark assists", assists_.time).set(count, assists_.count);
    add("sweeping", sweeps_.time).set(count, sweeps_.count);
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
