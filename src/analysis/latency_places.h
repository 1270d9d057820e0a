// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "src/analysis/analysis.h"
#include "src/analysis/function_sums.h"
#include "src/analysis/histogram.h"
#include "src/analysis/proc_array.h"

namespace marey::analysis {

/// Where scheduler latency is: by the function that waited to run, by the call site that made it
/// runnable, by the proc that it ran on at last; and how it is distributed. Counts the waits that
/// SchedulerLatency counts.
class LatencyPlaces final : public Analysis {
 public:
  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// What made a goroutine runnable where no stack of another one tells.
  struct Cause {
    StackNumber own = StackNumber::None;  ///< where the goroutine itself was
    Text reason = Text::Empty;            ///< of one that was stopped
    wire::EventType event = wire::EventType::None;
    bool operator==(const Cause&) const = default;
    friend std::size_t hash_value(const Cause& cause) {
      std::size_t seed = 0;
      boost::hash_combine(seed, raw(cause.own));
      boost::hash_combine(seed, raw(cause.reason));
      boost::hash_combine(seed, static_cast<std::size_t>(cause.event));
      return seed;
    }
  };

  static std::string text_of(const Vocabulary& vocabulary, const Cause& cause);
  void add_functions(const Vocabulary& vocabulary, Findings& findings) const;
  void add_call_sites(const Vocabulary& vocabulary, Findings& findings) const;
  void add_procs(Findings& findings) const;
  void add_histogram(Findings& findings) const;

  FunctionSums<Histogram> functions_;
  NumberedSums<StackNumber, Histogram> stacks_;
  boost::unordered_flat_map<Cause, std::unique_ptr<Histogram>, boost::hash<Cause>> causes_;
  ProcArray<Histogram> procs_;
};

}  // namespace marey::analysis
