// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"
#include "src/analysis/span_union.h"

namespace marey::analysis {

/// How much of the time of a scope's tasks garbage collection overlaps, and what their goroutines
/// had to do for it. Memory: 16 bytes for each task.
class TaskGC final : public Analysis {
 public:
  /// `scope`: that of the pass; must outlive this.
  explicit TaskGC(const Scope& scope) : scope_(scope) {}

  Interests interests() const override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void tasks(std::span<const TaskInterval> tasks) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// Time of tasks, or of their goroutines, and how often there was some.
  struct Work {
    std::uint64_t count = 0;
    Duration time = 0;

    void merge(const Work& other) {
      count += other.count;
      accumulate(time, other.time);
    }
  };

  const Scope& scope_;
  SpanUnion marks_;
  SpanUnion pauses_;
  Work assists_;
  Work sweeps_;
  std::vector<TimeSpan> tasks_;
};

}  // namespace marey::analysis
