// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"
#include "src/analysis/task_list.h"

namespace marey::analysis {

/// What happened in the tasks of a scope, in the order of time: their begins and ends, messages,
/// regions and subtasks; of too many the first `most`. And the subtasks, one by one.
class TaskEvents final : public Analysis {
 public:
  /// `scope`: that of the pass; must outlive this.
  TaskEvents(const Scope& scope, std::size_t most) : scope_(scope), most_(most) {}

  Interests interests() const override;
  void regions(std::span<const RegionInterval> regions) override;
  void tasks(std::span<const TaskInterval> tasks) override;
  void events(std::span<const Event::Record* const> events, Translation& translation) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  enum class What : std::uint8_t {
    TaskBegin,
    SubtaskBegin,
    RegionBegin,
    Log,
    RegionEnd,
    SubtaskEnd,
    TaskEnd,
  };
  static const char* word_for(What what);

  struct Entry {
    Time time = 0;
    TaskID task{};
    GoID goroutine = kNoGoroutine;
    What what = What::Log;
    TaskID subtask = kNoTask;
    Text name = Text::Empty;  ///< the task's type, the region's name, the message's category
    StackNumber stack = StackNumber::None;
    std::optional<Duration> duration;
    std::string message;
  };

  void add(Entry entry);
  void add_begin(TaskID task, Time time);
  /// The two ends of a region or a task, as far as the trace has them. `begin`: with all that the
  /// two have in common.
  template <class AnyInterval>
  void add_ends(const AnyInterval& interval, Entry begin, What end, GoID end_goroutine);
  /// Leaves out the last of too many.
  void limit();

  const Scope& scope_;
  std::size_t most_;
  std::vector<Entry> entries_;
  std::uint64_t left_out_ = 0;
  boost::unordered_flat_map<TaskID, Time> begins_;  ///< the first of each, where it is in the trace
  TaskList subtasks_;
};

}  // namespace marey::analysis
