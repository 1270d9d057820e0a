// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/shared_time.h"
#include "src/analysis/span_overlap.h"
#include "src/analysis/task_list.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// What makes the slowest tasks of each type slow, beside what all of them spend their time on.
///
/// The tail is the slowest hundredth of a type's tasks, of very many the slowest kMost.
class TaskTails final : public Analysis {
 public:
  Interests interests() const override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void tasks(std::span<const TaskInterval> tasks) override;
  void events(std::span<const Event::Record* const> events, Translation&) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  static constexpr std::size_t kMost = 256;  // of each type: programs may have many types

  struct Type {
    std::uint64_t count = 0;
    GoroutineTimes times;
    SharedTime shared;
    Top<TaskInterval, kMost, LongerTask> slowest;
  };

  /// Counts those that came before the borders up to their ends did.
  void settle();

  boost::unordered_flat_map<Text, Type> types_;
  SpanUnion marks_;
  SpanUnion pauses_;
  std::vector<Time> borders_;  // of marking and pauses, in order
  std::vector<TaskInterval> new_tasks_;
};

}  // namespace marey::analysis
