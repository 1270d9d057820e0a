// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"

namespace marey::analysis {

/// The lives of the goroutines that were started with functions of some names: what a Scope is made
/// of that is about them.
class FunctionWindows final : public Analysis {
 public:
  /// `wants`: of a function; asked once for each, on any thread.
  FunctionWindows(const Vocabulary& vocabulary, std::function<bool(std::string_view)> wants)
      : vocabulary_(vocabulary), wants_(std::move(wants)) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext&, Findings&) override {}

  std::vector<Window> take_windows() { return std::move(windows_); }
  /// Of all start functions that there are.
  std::set<std::string_view> functions() const;

 private:
  enum class Wanted : std::uint8_t { Unknown, Yes, No };

  const Vocabulary& vocabulary_;
  std::function<bool(std::string_view)> wants_;
  std::vector<Wanted> wanted_;  // by frame number
  std::vector<Window> windows_;
};

}  // namespace marey::analysis
