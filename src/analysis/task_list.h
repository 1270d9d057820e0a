// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "src/analysis/interval.h"
#include "src/analysis/top.h"
#include "src/table/table.h"

namespace marey::analysis {

/// The longer one first.
struct LongerTask {
  bool operator()(const TaskInterval& a, const TaskInterval& b) const;
};

/// The longest of some tasks, and a table of them, one by one.
class TaskList {
 public:
  void add(const TaskInterval& task) {
    longest_.add(task);
    count_++;
  }
  void merge(const TaskList& other) {
    longest_.merge(other.longest_);
    count_ += other.count_;
  }
  /// Adds columns and rows to a table that has none.
  void fill(table::Table& table, const Vocabulary& vocabulary) const;

 private:
  Top<TaskInterval, kLongestKept, LongerTask> longest_;
  std::uint64_t count_ = 0;
};

}  // namespace marey::analysis
