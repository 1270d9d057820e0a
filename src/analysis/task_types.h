// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"
#include "src/analysis/quantile_columns.h"
#include "src/analysis/scope.h"
#include "src/analysis/task_pairs.h"
#include "src/analysis/vocabulary.h"

namespace marey::analysis {

/// The columns of a table of types of tasks: how many there are, and how long they take.
class TaskTypeColumns {
 public:
  explicit TaskTypeColumns(table::Table& table);
  /// `durations`: of those that are complete.
  void set(table::Table::Row& row, std::string_view type, std::uint64_t incomplete,
           const Histogram& durations) const;

 private:
  table::TextColumn type_;
  table::IntegerColumn complete_;
  table::IntegerColumn incomplete_;
  table::IntegerColumn total_;
  QuantileColumns quantiles_;
};

/// Types of tasks and pointers to what is known of each, the most time first. `time_of`: of a
/// `Type`.
template <class Type, class TimeOf>
std::vector<std::pair<std::string_view, const Type*>> by_time(
    const boost::unordered_flat_map<Text, Type>& types, const Vocabulary& vocabulary,
    TimeOf&& time_of) {
  std::vector<std::pair<std::string_view, const Type*>> sorted;
  sorted.reserve(types.size());
  for (const auto& [name, type] : types) sorted.emplace_back(vocabulary.of(name), &type);
  std::ranges::sort(
      sorted, {}, [&](const auto& type) { return std::tuple(-time_of(*type.second), type.first); });
  return sorted;
}

/// Types of tasks with what Tasks says of how many and how long they are, and nothing of what their
/// goroutines do meanwhile, which would make a report a third slower.
class TaskTypes final : public Analysis {
 public:
  /// Of a part of the trace the tasks that end from `begin` up to, not including, `end`; what is
  /// open when the trace ends, ends with its last event, also of a trace that is cut off.
  TaskTypes(Time begin, Time end) : begin_(begin), end_(end) {}

  Interests interests() const override;
  void events(std::span<const Event::Record* const> events, Translation& translation) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Begin {
    Time time = 0;
    Text type = Text::Empty;
    Edge edge = Edge::Seen;
  };
  struct End {
    Time time = 0;
    Edge edge = Edge::Seen;
  };
  struct Type {
    std::uint64_t incomplete = 0;
    Histogram durations;  ///< of those that are complete
  };

  bool is_within(Time time) const { return time >= begin_ && time < end_; }
  void add(const Begin& begin, const End& end);

  Time begin_;
  Time end_;
  TaskPairs<Begin, End> tasks_;
  boost::unordered_flat_map<Text, Type> types_;
};

}  // namespace marey::analysis
