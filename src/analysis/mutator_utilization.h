// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/mutator_losses.h"
#include "src/analysis/mutator_options.h"
#include "src/analysis/utilization_curve.h"

namespace marey::analysis {

/// Mutator utilization, its minimum (MMU) for windows of any size, the worst windows, and how
/// utilization is distributed over windows.
///
/// The definitions are those of Go's internal/trace/gc.go and mud.go: the time is that from the
/// first event that tells GOMAXPROCS to the last event.
class MutatorUtilization final : public Analysis {
 public:
  MutatorUtilization(const Vocabulary& vocabulary, MutatorOptions options)
      : vocabulary_(vocabulary), options_(std::move(options)) {}

  Interests interests() const override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void collector(std::span<const CollectorInterval> intervals) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  static constexpr std::size_t kValues = 240;   // of the chart
  static constexpr std::size_t kExamples = 10;  // worst windows of each size

  /// The system's, or those of the procs.
  void for_each_curve(const MutatorLosses::TakeCurve& f) const;
  /// For each window size the worst window.
  std::vector<UtilizationWindow> minima(std::span<const Duration> windows) const;
  /// Empty where the mean has no more than one value.
  std::vector<double> quantiles(Duration window, std::span<const double> shares) const;
  void add_curve(Findings& findings) const;
  void add_worst(std::span<const Duration> windows, Findings& findings) const;
  void add_distribution(std::span<const Duration> windows, Findings& findings) const;

  const Vocabulary& vocabulary_;
  MutatorOptions options_;
  MutatorLosses losses_;
  UtilizationCurve system_;
};

}  // namespace marey::analysis
