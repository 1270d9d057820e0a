// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/spent_distributions.h"
#include "src/analysis/task_list.h"

namespace marey::analysis {

/// Tasks by their types: how many, how long, what their goroutines did meanwhile; and the slowest.
class Tasks final : public Analysis {
 public:
  enum class Detail : std::uint8_t { Types, OneTask };
  explicit Tasks(Detail detail = Detail::Types) : detail_(detail) {}

  Interests interests() const override;
  void tasks(std::span<const TaskInterval> tasks) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Type {
    std::uint64_t incomplete = 0;
    GoroutineTimes times;
    SpentDistributions distributions;  ///< of those that are complete

    void merge(const Type& other);
  };

  void add_types(const Vocabulary& vocabulary, Findings& findings) const;

  Detail detail_;
  boost::unordered_flat_map<Text, Type> types_;
  TaskList slowest_;
};

}  // namespace marey::analysis
