// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/function_sums.h"
#include "src/analysis/histogram.h"

namespace marey::analysis {

/// Tells calls to C from other system calls, for which the runtime writes the same events: by the
/// wrapper that cgo makes for each C function, or by the runtime's own function for calls to C.
class CStacks {
 public:
  explicit CStacks(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  bool calls_c(StackNumber stack) {
    const std::size_t i = raw(stack);
    if (i >= known_.size()) known_.resize(i + 1 + i / 2);
    if (known_[i] == Is::Unknown) known_[i] = look_up(stack) ? Is::C : Is::Other;
    return known_[i] == Is::C;
  }
  /// Of a stack of a call to C, its leaf first: where the frames of the call itself end.
  static std::size_t frames_of_call(std::span<const Frame> stack, const Vocabulary& vocabulary);

 private:
  enum class Is : std::uint8_t { Unknown, C, Other };
  bool look_up(StackNumber stack) const;

  const Vocabulary& vocabulary_;
  std::vector<Is> known_;
};

/// How much of threads' time calls to C take, by the function called and its caller.
class CCalls final : public Analysis {
 public:
  explicit CCalls(const Vocabulary& vocabulary) : stacks_(vocabulary) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  CStacks stacks_;
  NumberedSums<StackNumber, Histogram> calls_;
};

}  // namespace marey::analysis
