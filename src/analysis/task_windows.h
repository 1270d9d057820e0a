// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"

namespace marey::analysis {

/// One task by its number, or all of a type.
using WantedTask = std::variant<TaskID, std::string>;

/// The time that goroutines spend on some tasks: what a Scope is made of that is about them.
///
/// Go's tool knows that a region belongs to a task, and no more of who works for it. A program
/// need not have regions; and where one goroutine begins and ends a task, it is busy with nothing
/// else. So a goroutine works for a task in the task's regions, and from the first to the last of
/// its other marks on that goroutine: begin, messages, end. Of a task that has begun before the
/// trace, the goroutine that ends it has had it since the trace's begin, and of one that is under
/// way at the trace's end, the one that began it has it until then. Where damage hides an end, the
/// other marks are all that counts.
///
/// Memory: 40 bytes for each region, and for each goroutine of a task; if a type is wanted, also of
/// the tasks of others, since a region may be met before the begin of its task.
class TaskWindows final : public Analysis {
 public:
  TaskWindows(const Vocabulary& vocabulary, WantedTask wanted)
      : vocabulary_(vocabulary), wanted_(std::move(wanted)) {}

  Interests interests() const override;
  void regions(std::span<const RegionInterval> regions) override;
  void tasks(std::span<const TaskInterval> tasks) override;
  void events(std::span<const Event::Record* const> events, Translation&) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext&, Findings&) override {}

  std::vector<Window> windows() const;
  /// The tasks that are wanted, as far as the trace tells anything of them.
  TaskSet ids() const;
  /// Of all tasks that there are.
  std::set<std::string_view> types() const;
  /// If one task is wanted: of those that there are the next lower and the next higher number.
  std::optional<TaskID> lower() const { return lower_; }
  std::optional<TaskID> higher() const { return higher_; }

 private:
  struct OfTask {
    TaskID task{};
    Window window;
  };
  struct Place {
    TaskID task{};
    GoID goroutine = kNoGoroutine;
    bool operator==(const Place&) const = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const;
  };
  using Marks = boost::unordered_flat_map<Place, std::pair<Time, Time>, PlaceHash>;

  /// Takes note of a task; false: it is not wanted. Of a type that is wanted, it may be any.
  bool meet(TaskID task);
  void mark(TaskID task, GoID goroutine, Time first, Time last);

  const Vocabulary& vocabulary_;
  WantedTask wanted_;
  boost::unordered_flat_map<Text, bool> types_;  ///< of all tasks: whether it is the one
  TaskSet of_type_;                              ///< if one is wanted
  std::vector<OfTask> regions_;
  Marks marks_;       ///< the first and the last
  bool met_ = false;  ///< the task that is wanted
  std::optional<TaskID> lower_;
  std::optional<TaskID> higher_;
};

}  // namespace marey::analysis
